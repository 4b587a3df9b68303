using System.Text.Json;
using ServerlessImages.Images;
using ServerlessImages.Pricing;

namespace ServerlessImages.Local;

/// <summary>What happened on the journey, in the customer's numbers.</summary>
internal sealed record JourneyResult
{
    public required Uri BaseUrl { get; init; }
    public required string ApiKey { get; init; }
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

    public bool AddsUp => Charge == ExpectedCharge && Charge <= Quote && BalanceBefore - Charge == BalanceAfter && KeptImageIsTheSame;

    /// <summary>One line, for programs.</summary>
    public string ToJson() => JsonSerializer.Serialize(new
    {
        base_url = BaseUrl.AbsoluteUri.TrimEnd('/'),
        api_key = ApiKey,
        request_id = RequestId,
        image_file = ImageFile,
        quote_usd = Quote.ToString(),
        charge_usd = Charge.ToString(),
        balance_before_usd = BalanceBefore.ToString(),
        balance_after_usd = BalanceAfter.ToString(),
    });
}
