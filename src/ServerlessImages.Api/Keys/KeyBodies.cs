using System.Text.Json;
using ServerlessImages.Api.Http;
using ServerlessImages.Images;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Keys;

/// <summary>What a new key is asked to be. What is not said is as the caller's own key has it, so that nobody makes more than they have by saying less.</summary>
internal sealed class KeyBodies(ModelCatalog models, TimeProvider clock)
{
    public const int NameCharactersMax = 100;
    public const int KeyCharactersMax = 200;
    public const int OverlapSecondsMax = 30 * 24 * 3_600;
    public const int RequestsPerMinuteMax = 60_000;
    public const int RangesMax = 20;
    public const int YearsMax = 5;

    /// <returns>Or what is wrong with the body; or <c>key_exceeds_own</c>.</returns>
    public async Task<Result<NewKey>> ReadNewAsync(HttpContext http)
    {
        var own = http.Caller().Key;
        if (!(await http.ReadJsonAsync(fields => Read(fields, own))).TryGet(out var asked, out var error)) return error;
        if (!Models(asked.Models, own).TryGet(out var ids, out error)) return error;
        var terms = asked.Terms with { Models = ids };
        return own.ExcessOf(asked.Livemode, terms) is { } what ? ApiError.KeyExceedsOwn(what) : new NewKey(asked.Livemode, terms, asked.Limits);
    }

    private (bool Livemode, KeyTerms Terms, BudgetLimits Limits, IReadOnlyList<string>? Models) Read(JsonFields fields, ApiKey own)
    {
        var now = clock.GetUtcNow();
        var terms = new KeyTerms(fields.Words("scopes", Scope.All) ?? own.Scopes)
        {
            Name = fields.Text("name", NameCharactersMax) ?? "",
            ExpiresAt = fields.Time("expires_at", now, now.AddYears(YearsMax)) ?? own.ExpiresAt,
            Addresses = fields.List("addresses", RangesMax, Range, "addresses such as '203.0.113.7' and blocks such as '203.0.113.0/24'") ?? own.Addresses,
        };
        var limits = new BudgetLimits(Month: fields.Dollars("month_usd"), RequestsPerMinute: fields.Integer("requests_per_minute", 1, RequestsPerMinuteMax));
        var named = fields.List("models", RangesMax, element => JsonFields.Text(element), "names of models");
        return (fields.Flag("livemode") ?? own.Livemode, terms, limits, named);
    }

    private Result<IReadOnlyList<string>> Models(IReadOnlyList<string>? names, ApiKey own)
    {
        if (names is null) return own.Models.ToArray();
        var ids = new List<string>(names.Count);
        foreach (var name in names)
        {
            if (!models.Find(name).TryGet(out var model, out var error)) return error with { Param = "models" };
            if (!ids.Contains(model.Id)) ids.Add(model.Id);
        }

        return ids.ToArray();
    }

    private static AddressRange? Range(JsonElement element) => JsonFields.Text(element) is { } text && AddressRange.TryParse(text, out var range) ? range : null;
}

internal sealed record NewKey(bool Livemode, KeyTerms Terms, BudgetLimits Limits);
