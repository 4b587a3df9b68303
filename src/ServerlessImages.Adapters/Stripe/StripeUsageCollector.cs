using System.Globalization;
using System.Net;
using ServerlessImages.Billing;
using ServerlessImages.Ledger;
using Stripe;
using Stripe.Billing;
using static ServerlessImages.Stripe.StripeCall;

namespace ServerlessImages.Stripe;

/// <summary>Stripe as the one who is told what accounts owe: an hour is one meter event, or an invoice item where that is too late.</summary>
internal sealed class StripeUsageCollector(StripeClient stripe, StripeCatalog catalog, PostpaidAccounts accounts, TimeProvider clock) : IUsageCollector
{
    public const string IdentifierKey = "identifier";
    public const string MicrosKey = "micro_usd";

    private const int ReasonCharactersMax = 300;

    /// <summary>How Stripe answers to an identifier that it knows: 400 with this message and no code.</summary>
    private const string AlreadyThere = "An event already exists with identifier";

    private static readonly CollectorAnswer NoSubscription = CollectorAnswer.Refused("the account has no live subscription");

    public async Task<CollectorAnswer> RecordAsync(UsageRecord usage, CancellationToken cancel)
    {
        if (await accounts.FindAsync(usage.Account, cancel) is not { Account: { IsLive: true } account }) return NoSubscription;

        // Within the hour, so within its billing period; and never ahead of Stripe's clock by more than ours is.
        var last = usage.Hour.Start.AddHours(1).AddSeconds(-1);
        var now = clock.GetUtcNow();
        var report = new MeterEventCreateOptions
        {
            EventName = StripeCatalog.EventName,
            Identifier = usage.Identifier,
            Timestamp = (last < now ? last : now).UtcDateTime,
            Payload = new() { [StripeCatalog.CustomerField] = account.Customer, [StripeCatalog.ValueField] = StripeObjects.Text(usage.Value.Micros) },
        };
        return await AnswerAsync(() => stripe.V1.Billing.MeterEvents.CreateAsync(report, Key(usage.IdempotencyKey), cancel), cancel);
    }

    public async Task<Money?> FindTotalAsync(string account, LedgerHour hour, CancellationToken cancel)
    {
        try
        {
            if (await accounts.FindAsync(account, cancel) is not { Account: { Customer.Length: > 0 } found } || await catalog.MeterIdAsync(cancel) is not { } meter) return null;

            // By the hour, and only the one that begins here: Stripe does not say with one voice whether the end of a window belongs to it.
            var window = new MeterEventSummaryListOptions { Customer = found.Customer, StartTime = hour.Start.UtcDateTime, EndTime = hour.Start.AddHours(1).UtcDateTime, ValueGroupingWindow = "hour", Limit = PageSize };
            var total = 0m;
            await foreach (var each in EachAsync(stripe.V1.Billing.Meters.EventSummaries.ListAutoPagingAsync(meter, window, cancellationToken: cancel), each => each, cancel))
            {
                if (each.StartTime == hour.Start.UtcDateTime) total += each.AggregatedValue;
            }

            return new Money(decimal.ToInt64(total));
        }
        catch (CollectorUnavailableException)
        {
            return null;
        }
    }

    /// <summary>
    /// Looks for the item before it makes one, since Stripe forgets an idempotency key after a day. Within that day the key is the identifier's own, so that a call whose
    /// answer was lost and the next one make one item.
    /// </summary>
    public async Task<CollectorAnswer> InvoiceAsync(UsageRecord usage, CancellationToken cancel)
    {
        if (await accounts.FindAsync(usage.Account, cancel) is not { Account: { Customer.Length: > 0 } account }) return NoSubscription;

        return await AnswerAsync(MakeAsync, cancel);

        async Task MakeAsync()
        {
            if (!await HasItemAsync(account.Customer, usage.Identifier, cancel)) await stripe.V1.InvoiceItems.CreateAsync(Item(usage, account), Key($"item-{usage.Identifier}"), cancel);
        }
    }

    private async Task<bool> HasItemAsync(string customer, string identifier, CancellationToken cancel)
    {
        await foreach (var item in stripe.V1.InvoiceItems.ListAutoPagingAsync(new InvoiceItemListOptions { Customer = customer, Limit = PageSize }, cancellationToken: cancel))
        {
            if (item.Metadata is { } metadata && metadata.TryGetValue(IdentifierKey, out var found) && found == identifier) return true;
        }

        return false;
    }

    /// <summary>Of the customer and of no subscription, so that the next invoice takes it, whatever that is. Stripe rounds the line to the cent; the micro-dollars stand beside it.</summary>
    private static InvoiceItemCreateOptions Item(UsageRecord usage, PostpaidAccount account) => new()
    {
        Customer = account.Customer,
        Currency = Payment.Usd,
        Quantity = 1,
        UnitAmountDecimal = usage.Value.Micros * StripeCatalog.CentsPerMicro,
        Description = usage.Description,
        Metadata = new() { [StripeObjects.AccountKey] = usage.Account, [IdentifierKey] = usage.Identifier, [MicrosKey] = StripeObjects.Text(usage.Value.Micros) },
    };

    private static async Task<CollectorAnswer> AnswerAsync(Func<Task> ask, CancellationToken cancel)
    {
        try
        {
            await ask();
            return CollectorAnswer.Delivered;
        }
        catch (StripeException cause)
        {
            return AnswerTo(cause);
        }
        catch (Exception cause) when (IsUnreachable(cause, cancel))
        {
            return CollectorAnswer.Unavailable;
        }
    }

    /// <summary>A refusal is about this account. What is wrong with our key, or with the same idempotency key and other words, is not.</summary>
    private static CollectorAnswer AnswerTo(StripeException cause)
    {
        if (cause.HttpStatusCode == HttpStatusCode.BadRequest && cause.Message.StartsWith(AlreadyThere, StringComparison.Ordinal)) return CollectorAnswer.Delivered;

        var isRefused = cause.HttpStatusCode is HttpStatusCode.BadRequest or HttpStatusCode.PaymentRequired or HttpStatusCode.NotFound && cause.StripeError?.Type != "idempotency_error";
        return isRefused ? CollectorAnswer.Refused(ReasonOf(cause)) : CollectorAnswer.Unavailable with { RetryAfter = cause.StripeResponse?.Headers?.RetryAfter?.Delta };
    }

    private static string ReasonOf(StripeException cause)
    {
        var reason = string.Create(CultureInfo.InvariantCulture, $"{(int)cause.HttpStatusCode} {cause.StripeError?.Code} {cause.Message}");
        return reason.Length > ReasonCharactersMax ? reason[..ReasonCharactersMax] : reason;
    }
}
