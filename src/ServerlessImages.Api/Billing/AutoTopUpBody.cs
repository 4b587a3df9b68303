using ServerlessImages.Api.Http;
using ServerlessImages.Billing;

namespace ServerlessImages.Api.Billing;

/// <summary>What an account says about its automatic top-ups.</summary>
internal sealed record AutoTopUpBody(bool? Enabled, Money? Threshold, Money? Amount, Money? MonthlyCap, bool? Consent)
{
    private const int ThresholdUsdMax = 1_000;

    public static AutoTopUpBody Read(RequestFields fields) => new(fields.Flag("enabled"), fields.Dollars("threshold_usd"), fields.Dollars("amount_usd"), fields.Dollars("monthly_cap_usd"), fields.Flag("consent"));

    /// <param name="consentBy">The API key, or the member, that says it.</param>
    /// <param name="before">What it agreed to before; it is kept when it turns them off.</param>
    public Result<AutoTopUpTerms> ToTerms(AutoTopUpTerms? before, BillingOptions options, string consentBy, DateTimeOffset now)
    {
        if (Enabled is not { } enabled) return ApiError.MissingParameter("enabled");
        if (!enabled) return (before ?? new(false, Money.Zero, Money.Zero, Money.Zero, consentBy, now)) with { Enabled = false };

        if (Threshold is not { } threshold) return ApiError.MissingParameter("threshold_usd");
        if (Amount is not { } amount) return ApiError.MissingParameter("amount_usd");
        if (MonthlyCap is not { } cap) return ApiError.MissingParameter("monthly_cap_usd");
        if (threshold > Money.Dollars(ThresholdUsdMax)) return ApiError.InvalidValue("threshold_usd", $"at most {ThresholdUsdMax} dollars");
        if (options.AmountError("amount_usd", amount) is { } error) return error;
        if (cap < amount || cap > Money.Dollars(options.AutoTopUpUsdPerMonthMax)) return ApiError.InvalidValue("monthly_cap_usd", $"from amount_usd to {options.AutoTopUpUsdPerMonthMax} dollars");
        if (Consent is null) return ApiError.MissingParameter("consent");
        if (Consent is false) return ApiError.InvalidValue("consent", "true: a saved card will be charged while its owner is away");
        return new AutoTopUpTerms(true, threshold, amount, cap, consentBy, now);
    }
}
