using System.ComponentModel.DataAnnotations;

namespace ServerlessImages.Billing;

/// <summary>How credit is sold and usage invoiced.</summary>
public sealed class BillingOptions : IValidatableObject
{
    public const string Section = "Billing";

    /// <summary>The least credit that can be bought at once, in US dollars. The collector takes a fixed fee of each payment.</summary>
    /// <value>Default 5.</value>
    [Range(1, 100_000)]
    public int TopUpUsdMin { get; init; } = 5;

    /// <summary>The most credit that can be bought at once, in US dollars: what a stolen card can buy.</summary>
    /// <value>Default 500.</value>
    [Range(1, 100_000)]
    public int TopUpUsdMax { get; init; } = 500;

    /// <summary>The highest monthly cap that an account may set for its automatic top-ups, in US dollars.</summary>
    /// <value>Default 5,000.</value>
    [Range(1, 1_000_000)]
    public int AutoTopUpUsdPerMonthMax { get; init; } = 5_000;

    /// <summary>Whether the collector works out and adds taxes on its pages. Registering and filing stay the operator's.</summary>
    /// <value>Default false.</value>
    public bool AutomaticTax { get; init; }

    /// <summary>At how much of an account's approved limit an invoice is sent before the month is over, in percent.</summary>
    /// <value>Default 80: an account that pays well goes on before it comes to its limit.</value>
    [Range(1, 1_000)]
    public int InvoiceThresholdPercent { get; init; } = 80;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (TopUpUsdMin > TopUpUsdMax) yield return new ValidationResult("Billing:TopUpUsdMin is at most Billing:TopUpUsdMax.", [nameof(TopUpUsdMin)]);
    }

    /// <returns>Null, or <c>invalid_value</c>.</returns>
    public ApiError? AmountError(string name, Money amount)
    {
        var isSold = Payment.ToCents(amount) is not null && amount >= Money.Dollars(TopUpUsdMin) && amount <= Money.Dollars(TopUpUsdMax);
        return isSold ? null : ApiError.InvalidValue(name, $"whole cents from {TopUpUsdMin} to {TopUpUsdMax} dollars");
    }
}
