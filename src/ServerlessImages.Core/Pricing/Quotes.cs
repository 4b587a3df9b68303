using System.Buffers.Text;
using System.Globalization;
using System.Text;
using ServerlessImages.Images;
using ServerlessImages.Keys;

namespace ServerlessImages.Pricing;

/// <summary>
/// Prices orders, and gives binding quotes: a <c>quote_id</c> is the quote itself, signed, so that nothing has to be stored. It is good for one account and one
/// request (by fingerprint), for 15 minutes, any number of times within them.
/// </summary>
public sealed class Quotes(PriceList list, Peppers peppers, TimeProvider clock)
{
    private const string Prefix = "quote_";
    private const string Purpose = "quote";
    private const int FieldCount = 5;
    private static readonly TimeSpan ValidFor = TimeSpan.FromMinutes(15);

    /// <returns>The rate and the most that the order can cost; or <c>model_not_allowed</c>, <c>unknown_model</c>, <c>invalid_quote</c>, <c>quote_expired</c>, <c>price_above_maximum</c>, <c>storage_unavailable</c>.</returns>
    public async ValueTask<Result<PricedOrder>> PriceAsync(Caller caller, ImageOrder order, CancellationToken cancel)
    {
        if (!caller.Key.MayBuy(order.Request.Model.Id)) return ApiError.ModelNotAllowed(order.Request.Model.Id);
        if (!(await list.CurrentAsync(cancel)).TryGet(out var prices, out var unknown)) return unknown;
        var fingerprint = RequestFingerprint.Of(order.Request);
        var priced = order.QuoteId is { } id ? ByQuote(prices, caller, order.Request, fingerprint, id) : Now(prices, caller, order.Request, fingerprint);
        if (!priced.TryGet(out var result, out var error)) return error;
        return order.MaxPrice is { } maximum && result.Quote.Amount > maximum ? ApiError.PriceAboveMaximum(result.Quote.Amount, maximum) : result;
    }

    /// <summary>The quote as text that only we can have made.</summary>
    public SignedQuote Sign(Caller caller, PricedOrder priced)
    {
        var expiresAt = clock.GetUtcNow() + ValidFor;
        var text = string.Join('\n', caller.Partition.Key, priced.Fingerprint, priced.Quote.PriceVersion, Number(priced.Quote.Amount.Micros), Number(expiresAt.ToUnixTimeSeconds()));
        return new SignedQuote($"{Prefix}{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text))}.{peppers.Sign(Purpose, text)}", expiresAt);
    }

    private Result<PricedOrder> Now(PriceBook prices, Caller caller, ImageRequest request, string fingerprint)
    {
        if (!prices.PriceOf(request.Model, clock.GetUtcNow()).TryGet(out var price, out var error)) return error;
        var rate = price.For(caller.Plan.Markup);
        return rate.Quote(request).TryGet(out var quote, out error) ? new PricedOrder(rate, quote, fingerprint) : error;
    }

    private Result<PricedOrder> ByQuote(PriceBook prices, Caller caller, ImageRequest request, string fingerprint, string id)
    {
        if (Read(id) is not [var partition, var quoted, var version, var micros, var expiresAt]) return ApiError.InvalidQuote;
        if (partition != caller.Partition.Key || quoted != fingerprint || prices.Find(version) is not { } price || price.Model != request.Model.Id) return ApiError.InvalidQuote;
        if (clock.GetUtcNow().ToUnixTimeSeconds() >= long.Parse(expiresAt, CultureInfo.InvariantCulture)) return ApiError.QuoteExpired;

        var amount = new Money(long.Parse(micros, CultureInfo.InvariantCulture));
        return new PricedOrder(price.For(caller.Plan.Markup), new Quote(amount, version), fingerprint);
    }

    /// <returns>The fields of a text that we signed, or null.</returns>
    private string[]? Read(string id)
    {
        var dot = id.IndexOf('.', StringComparison.Ordinal);
        if (!id.StartsWith(Prefix, StringComparison.Ordinal) || dot < 0 || !Base64Url.IsValid(id.AsSpan(Prefix.Length, dot - Prefix.Length))) return null;

        var text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(id.AsSpan(Prefix.Length, dot - Prefix.Length)));
        return peppers.IsSigned(Purpose, text, id[(dot + 1)..]) && text.Split('\n') is { Length: FieldCount } fields ? fields : null;
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>An order with its price.</summary>
/// <param name="Quote">What is held, and what the charge never exceeds.</param>
/// <param name="Fingerprint">Of the request: see <see cref="RequestFingerprint"/>.</param>
public sealed record PricedOrder(Rate Rate, Quote Quote, string Fingerprint);

/// <param name="Id">The <c>quote_id</c> to send with the request.</param>
public sealed record SignedQuote(string Id, DateTimeOffset ExpiresAt);
