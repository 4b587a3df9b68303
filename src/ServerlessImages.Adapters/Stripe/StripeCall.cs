using System.Net;
using System.Runtime.CompilerServices;
using ServerlessImages.Billing;
using Stripe;

namespace ServerlessImages.Stripe;

/// <summary>How Stripe is asked. Options are never given a null: to Stripe.net it can mean "clear this" (version 51 and later).</summary>
internal static class StripeCall
{
    public const int PageSize = 100;

    public static RequestOptions Key(string idempotencyKey) => new() { IdempotencyKey = idempotencyKey };

    public static DateRangeOptions From(DateTimeOffset since) => new() { GreaterThanOrEqual = since.UtcDateTime };

    /// <returns>Null if there is none.</returns>
    public static async Task<T?> FindAsync<T>(Func<Task<T>> ask, CancellationToken cancel)
        where T : class
    {
        try
        {
            return await AskAsync(ask, cancel);
        }
        catch (StripeException cause) when (cause.HttpStatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public static async IAsyncEnumerable<TOurs> EachAsync<TTheirs, TOurs>(IAsyncEnumerable<TTheirs> list, Func<TTheirs, TOurs?> translate, [EnumeratorCancellation] CancellationToken cancel)
        where TOurs : class
    {
        await using var each = list.GetAsyncEnumerator(cancel);
        while (await AskAsync(() => each.MoveNextAsync().AsTask(), cancel))
        {
            if (translate(each.Current) is { } ours) yield return ours;
        }
    }

    /// <summary>Stripe.net ends in three kinds of exceptions when Stripe cannot be asked, and a limit of its rate is one of them.</summary>
    public static async Task<T> AskAsync<T>(Func<Task<T>> ask, CancellationToken cancel)
    {
        try
        {
            return await ask();
        }
        catch (StripeException cause) when (IsOutage(cause))
        {
            throw new CollectorUnavailableException($"Stripe answered {(int)cause.HttpStatusCode}.", cause);
        }
        catch (Exception cause) when (IsUnreachable(cause, cancel))
        {
            throw new CollectorUnavailableException("Stripe could not be reached.", cause);
        }
    }

    public static bool IsOutage(StripeException cause) => cause.HttpStatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.Conflict or >= HttpStatusCode.InternalServerError;

    public static bool IsUnreachable(Exception cause, CancellationToken cancel) => cause is HttpRequestException || (cause is OperationCanceledException && !cancel.IsCancellationRequested);
}
