using System.Text.Json;
using ServerlessImages.Images;
using ServerlessImages.Pricing;

namespace ServerlessImages.Local;

/// <summary>What happened on the journey, in the customer's numbers.</summary>
internal sealed record JourneyResult
{
    public required Uri BaseUrl { get; init; }
    public required string ApiKey { get; init; }
    public required string CheckoutId { get; init; }

    /// <summary>By how much the balance rose when the checkout was paid.</summary>
    public required Money TopUp { get; init; }

    public required string RequestId { get; init; }
    public required string ImageFile { get; init; }
    public required ImageHeader Image { get; init; }
    public required int ImageBytes { get; init; }
    public required Money Quote { get; init; }
    public required Money Charge { get; init; }
    public required TokenUsage Usage { get; init; }
    public required string PriceVersion { get; init; }

    /// <summary>The charge worked out again from the price book.</summary>
    public required Money ExpectedCharge { get; init; }

    public required Money BalanceBefore { get; init; }
    public required Money BalanceAfter { get; init; }
    public required bool KeptImageIsTheSame { get; init; }

    public required string ImageSha256 { get; init; }

    /// <summary>What the receipt says, or null if its signature is not by a published key.</summary>
    public required SignedReceipt? Receipt { get; init; }

    /// <summary>What an account that pays later owed and Stripe was told; null where the month is too near to its end for one to begin.</summary>
    public required ReportedUsage? Postpaid { get; init; }

    public bool AddsUp => TopUp == Journey.TopUp && Postpaid?.AddsUp != false && Charge == ExpectedCharge && Charge <= Quote && BalanceBefore - Charge == BalanceAfter && KeptImageIsTheSame && ReceiptIsRight;

    /// <summary>Signed, and about this request, this charge and this very image.</summary>
    public bool ReceiptIsRight => Receipt is { } receipt && receipt.RequestId == RequestId && receipt.Charge == Charge && receipt.ImageSha256 == ImageSha256;

    /// <summary>One line, for programs.</summary>
    public string ToJson() => JsonSerializer.Serialize(new
    {
        base_url = BaseUrl.AbsoluteUri.TrimEnd('/'),
        api_key = ApiKey,
        top_up_usd = TopUp.ToString(),
        checkout_session_id = CheckoutId,
        request_id = RequestId,
        image_file = ImageFile,
        quote_usd = Quote.ToString(),
        charge_usd = Charge.ToString(),
        balance_before_usd = BalanceBefore.ToString(),
        balance_after_usd = BalanceAfter.ToString(),
        meter_event_id = Postpaid?.MeterEventId,
    });
}

/// <param name="Sequence">The place of its entry among the account's.</param>
internal sealed record SignedReceipt(string RequestId, Money Charge, string ImageSha256, long Sequence);
