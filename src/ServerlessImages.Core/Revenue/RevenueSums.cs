using ServerlessImages.Ledger;
using ServerlessImages.Pricing;
using ServerlessImages.Storage;
using ServerlessImages.Usage;

namespace ServerlessImages.Revenue;

/// <summary>What requests brought, and what the upstream takes for them.</summary>
/// <param name="Requests">How many were charged.</param>
/// <param name="Uncharged">How many ended without a charge. The upstream may have taken money for them all the same.</param>
/// <param name="Images">How many images were delivered.</param>
/// <param name="Charged">What customers pay, by credit or by invoice. Credit may have been a present.</param>
/// <param name="UpstreamCost">As far as known; also of what was not charged.</param>
/// <param name="Tokens">The upstream's counts for what was charged.</param>
/// <param name="Kinds">The images by what was asked for.</param>
public sealed record RevenueSums(long Requests, long Uncharged, long Images, Money Charged, Money UpstreamCost, TokenUsage Tokens, ImageKinds Kinds)
{
    public static RevenueSums None { get; } = new(0, 0, 0, Money.Zero, Money.Zero, TokenUsage.None, ImageKinds.None);

    public Money Margin => Charged - UpstreamCost;

    /// <summary>What of it is the customer's to see.</summary>
    public UsageSums Usage => new(Requests, Images, Charged, Tokens);

    public static RevenueSums operator +(RevenueSums left, RevenueSums right) => left.Add(right, 1);

    public static RevenueSums operator -(RevenueSums left, RevenueSums right) => left.Add(right, -1);

    /// <exception cref="ArgumentException">The entry is of no request.</exception>
    public static RevenueSums Of(LedgerEntry entry)
    {
        var request = entry.Request ?? throw new ArgumentException("Only requests bring and cost.", nameof(entry));
        return entry.IsCharge
            ? new(1, 0, request.Images, entry.Amount, request.UpstreamCost, request.Usage ?? TokenUsage.None, ImageKinds.Of(request.Summary, request.Images))
            : None with { Uncharged = 1, UpstreamCost = request.UpstreamCost };
    }

    public Columns ToColumns() => new()
    {
        { nameof(Requests), Requests },
        { nameof(Uncharged), Uncharged },
        { nameof(Images), Images },
        { nameof(Charged), Charged.Micros },
        { nameof(UpstreamCost), UpstreamCost.Micros },
        { nameof(TokenUsage.TextInput), Tokens.TextInput },
        { nameof(TokenUsage.ImageInput), Tokens.ImageInput },
        { nameof(TokenUsage.Output), Tokens.Output },
        { nameof(Kinds), Kinds.Text },
    };

    public static RevenueSums From(Columns columns) => new(
        columns.Integer(nameof(Requests)),
        columns.Integer(nameof(Uncharged)),
        columns.Integer(nameof(Images)),
        new(columns.Integer(nameof(Charged))),
        new(columns.Integer(nameof(UpstreamCost))),
        new(columns.Integer(nameof(TokenUsage.TextInput)), columns.Integer(nameof(TokenUsage.ImageInput)), columns.Integer(nameof(TokenUsage.Output))),
        new(columns.Text(nameof(Kinds))));

    private RevenueSums Add(RevenueSums other, int sign) => checked(new(
        Requests + (sign * other.Requests),
        Uncharged + (sign * other.Uncharged),
        Images + (sign * other.Images),
        Charged + (other.Charged * sign),
        UpstreamCost + (other.UpstreamCost * sign),
        new(Tokens.TextInput + (sign * other.Tokens.TextInput), Tokens.ImageInput + (sign * other.Tokens.ImageInput), Tokens.Output + (sign * other.Tokens.Output)),
        Kinds.Add(other.Kinds, sign)));
}
