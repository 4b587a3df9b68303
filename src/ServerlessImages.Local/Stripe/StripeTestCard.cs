namespace ServerlessImages.Local.Stripe;

/// <summary>The cards that everybody tests with, by what they do. Source: docs.stripe.com/testing.</summary>
/// <param name="DeclinedAtOnce">The decline code on the page, or null.</param>
/// <param name="DeclinedLater">The decline code when it is charged while its owner is away, or null.</param>
/// <param name="IsSlow">No card but a bank debit: the money comes days later.</param>
public sealed record StripeTestCard(string Number, string Meaning, string? DeclinedAtOnce = null, string? DeclinedLater = null, bool IsSlow = false)
{
    public static StripeTestCard Good { get; } = new("4242424242424242", "pays");
    public static StripeTestCard Declined { get; } = new("4000000000000002", "is declined", "generic_decline", "generic_decline");
    public static StripeTestCard Empty { get; } = new("4000000000009995", "has insufficient funds", "insufficient_funds", "insufficient_funds");
    public static StripeTestCard DeclinedWhenAway { get; } = new("4000000000000341", "pays here, and is declined when charged automatically", null, "generic_decline");
    public static StripeTestCard AuthenticationRequired { get; } = new("4000002760003184", "pays here, and wants its owner when charged automatically", null, "authentication_required");
    public static StripeTestCard BankDebit { get; } = new("000123456789", "is a bank account: its money comes later", IsSlow: true);

    public static IReadOnlyList<StripeTestCard> All { get; } = [Good, Declined, Empty, DeclinedWhenAway, AuthenticationRequired, BankDebit];

    public string Last4 => Number[^4..];

    internal static StripeTestCard Of(string number) => All.FirstOrDefault(card => card.Number == number) ?? throw StripeError.Invalid("Your card number is incorrect.", "card");
}
