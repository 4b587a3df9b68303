using ServerlessImages.Ledger;
using ServerlessImages.Pricing;
using ServerlessImages.Storage;

namespace ServerlessImages.Usage;

/// <summary>Charges, added up.</summary>
/// <param name="Requests">How many requests were charged.</param>
/// <param name="Images">How many images they delivered.</param>
/// <param name="Tokens">The upstream's counts; where it sent none, nothing is added.</param>
public sealed record UsageSums(long Requests, long Images, Money Amount, TokenUsage Tokens)
{
    public static UsageSums None { get; } = new(0, 0, Money.Zero, TokenUsage.None);

    public static UsageSums operator +(UsageSums left, UsageSums right) => left.Add(right, 1);

    public static UsageSums operator -(UsageSums left, UsageSums right) => left.Add(right, -1);

    /// <exception cref="ArgumentException">The entry is no charge.</exception>
    public static UsageSums Of(LedgerEntry entry) => entry is { IsCharge: true, Request: { } request }
        ? new(1, request.Images, entry.Amount, request.Usage ?? TokenUsage.None)
        : throw new ArgumentException("Only charges are usage.", nameof(entry));

    public void AddTo(Columns columns)
    {
        columns.Add(nameof(Requests), Requests);
        columns.Add(nameof(Images), Images);
        columns.Add(nameof(Amount), Amount.Micros);
        columns.Add(nameof(TokenUsage.TextInput), Tokens.TextInput);
        columns.Add(nameof(TokenUsage.ImageInput), Tokens.ImageInput);
        columns.Add(nameof(TokenUsage.Output), Tokens.Output);
    }

    public static UsageSums From(Columns columns) => new(
        columns.Integer(nameof(Requests)),
        columns.Integer(nameof(Images)),
        new(columns.Integer(nameof(Amount))),
        new(columns.Integer(nameof(TokenUsage.TextInput)), columns.Integer(nameof(TokenUsage.ImageInput)), columns.Integer(nameof(TokenUsage.Output))));

    private UsageSums Add(UsageSums other, int sign) => checked(new(
        Requests + (sign * other.Requests),
        Images + (sign * other.Images),
        Amount + (other.Amount * sign),
        new(Tokens.TextInput + (sign * other.Tokens.TextInput), Tokens.ImageInput + (sign * other.Tokens.ImageInput), Tokens.Output + (sign * other.Tokens.Output))));
}
