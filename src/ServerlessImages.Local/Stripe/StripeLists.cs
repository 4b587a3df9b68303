using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ServerlessImages.Local.Stripe;

/// <summary>Lists, by the page and newest first, and searches by metadata.</summary>
internal sealed partial class StripeLists(StripeState state, StripeView view)
{
    private const int PageSize = 10;
    private const int PageSizeMax = 100;

    /// <summary>The fields of calls that say which objects are wanted by a field of the same name.</summary>
    private static readonly string[] Filters = ["customer", "payment_intent", "invoice", "type", "product", "currency", "lookup_key"];

    public JsonObject Of(string type, string path, StripeFields fields, Func<JsonObject, bool>? wanted = null)
    {
        var all = state.All(type)
            .Where(each => IsCreatedIn(each, fields))
            .Where(each => Filters.All(name => fields.Text(name) is not { } value || each.Text(name) == value))
            .Where(wanted ?? (_ => true));
        return Page(all, path, fields);
    }

    public JsonObject Page(IEnumerable<JsonObject> all, string path, StripeFields fields)
    {
        var limit = (int)(fields.Number("limit") ?? PageSize);
        if (limit is < 1 or > PageSizeMax) throw StripeError.Invalid("This value must be between 1 and 100.", "limit");
        if (fields.Text("starting_after") is { } after) all = all.SkipWhile(each => each.Text("id") != after).Skip(1);
        if (fields.Has("ending_before")) throw StripeError.NotEmulated("paging backwards", "ending_before");
        var page = all.Take(limit + 1).ToArray();
        return StripeJson.List(path, page.Take(limit).Select(view.Shown), page.Length > limit);
    }

    public JsonObject Search(string type, string path, StripeFields fields)
    {
        if (Query().Match(fields.Required("query")) is not { Success: true } query) throw StripeError.NotEmulated("searches but by one key of metadata", "query");
        var found = state.All(type).Where(each => each.Object("metadata").Text(query.Groups["key"].Value) == query.Groups["value"].Value);
        return new() { ["object"] = "search_result", ["url"] = path, ["has_more"] = false, ["next_page"] = null, ["data"] = new JsonArray([.. found.Take((int)(fields.Number("limit") ?? PageSize)).Select(view.Shown)]) };
    }

    /// <summary>The second version of the API, which pages by addresses.</summary>
    public JsonObject OfThinEvents(StripeFields fields)
    {
        var (limit, skipped) = (fields.Number("limit") ?? 20, fields.Number("page") ?? 0);
        var page = state.All(StripeEvents.ThinType).Skip((int)skipped).Take((int)limit + 1).ToArray();
        string? next = page.Length > limit ? string.Create(CultureInfo.InvariantCulture, $"/v2/core/events?limit={limit}&page={skipped + limit}") : null;
        return new() { ["data"] = new JsonArray([.. page.Take((int)limit).Select(each => each.Copy())]), ["next_page_url"] = next, ["previous_page_url"] = null };
    }

    private static bool IsCreatedIn(JsonObject each, StripeFields fields)
    {
        var created = each.Number(each.ContainsKey("created") ? "created" : "date");
        return created >= (fields.Number("created[gte]") ?? 0) && created > (fields.Number("created[gt]") ?? -1)
            && created <= (fields.Number("created[lte]") ?? long.MaxValue) && created < (fields.Number("created[lt]") ?? long.MaxValue);
    }

    [GeneratedRegex("^metadata\\[['\"](?<key>[^'\"]+)['\"]\\]:['\"](?<value>[^'\"]+)['\"]$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Query();
}
