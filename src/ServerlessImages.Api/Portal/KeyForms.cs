using System.Globalization;
using ServerlessImages.Api.Keys;
using ServerlessImages.Api.Limits;
using ServerlessImages.Api.Pages;
using ServerlessImages.Images;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Members;

namespace ServerlessImages.Api.Portal;

/// <summary>What is asked for in the forms about keys, by the rules of <see cref="KeyBodies"/>.</summary>
internal static class KeyForms
{
    private const int RangeCharactersMax = 64;

    /// <param name="role">Of whoever asks: no key does what they may not.</param>
    public static NewKey ReadNew(PageFields fields, ModelCatalog models, MemberRole role, DateTimeOffset now)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var terms = new KeyTerms(fields.Ticked("scopes", PortalPermissions.ScopesOf(role)))
        {
            Name = fields.Text("name", KeyBodies.NameCharactersMax) ?? "",
            ExpiresAt = fields.Day("last_day", today, today.AddYears(KeyBodies.YearsMax)) is { } last ? EndOf(last) : null,
            Addresses = fields.Lines("addresses", KeyBodies.RangesMax, RangeCharactersMax, line => AddressRange.TryParse(line, out var range) ? range : null, "addresses such as 203.0.113.7 and blocks such as 203.0.113.0/24, one a line"),
            Models = fields.Ticked("models", [.. models.Models.Select(model => model.Id)]),
        };
        return new NewKey(fields.Word<PortalMode>("mode") == PortalMode.Live, terms, fields.Limits());
    }

    /// <returns>What one field alone does not say.</returns>
    public static ApiError? ErrorOf(NewKey asked)
    {
        if (asked.Terms.Name.Length == 0) return ApiError.MissingParameter("name");
        return asked.Terms.Scopes.Count == 0 ? ApiError.InvalidValue("scopes", "at least one") : null;
    }

    public static FormState Of(BudgetLimits limits) => FormState.With(
        ("total_usd", Typed(limits.Total)),
        ("day_usd", Typed(limits.Day)),
        ("month_usd", Typed(limits.Month)),
        ("requests_per_minute", limits.RequestsPerMinute?.ToString(CultureInfo.InvariantCulture)));

    /// <summary>An amount as somebody would type it: cents, and what is below them only where there is any.</summary>
    public static string Typed(Money amount) => ((decimal)amount.Micros / Money.MicrosPerDollar).ToString("0.00####", CultureInfo.InvariantCulture);

    private static string? Typed(Money? amount) => amount is { } some ? Typed(some) : null;

    private static DateTimeOffset EndOf(DateOnly day) => new(day.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero);
}
