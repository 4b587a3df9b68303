using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>Objects as they are shown: without what is the emulator's own, with the addresses of its pages as they are now, and with what is asked to be expanded.</summary>
internal sealed class StripeView(StripeState state, Func<Uri> endpoint)
{
    private const int LinesShown = 10;

    public JsonObject Shown(JsonObject json)
    {
        var shown = json.Copy();
        Strip(shown);
        if (json.Text("object") == "checkout.session") shown["url"] = json.Text("status") == "open" ? At($"/c/pay/{json.Text("id")}") : null;
        if (json.Text("object") == "invoice") ShortenLines(shown.Object("lines"));
        if (json.Text("object") == "invoice" && json.Object("status_transitions")["finalized_at"] is not null)
        {
            shown["hosted_invoice_url"] = At($"/i/{json.Text("id")}");
            shown["invoice_pdf"] = At($"/i/{json.Text("id")}/pdf");
        }

        return shown;
    }

    /// <param name="paths">Such as <c>latest_invoice.payments</c>, or <c>data.customer</c> of a list.</param>
    public JsonObject Expanded(JsonObject shown, IEnumerable<string> paths)
    {
        foreach (var path in paths) Expand(shown, path.Split('.'));
        return shown;
    }

    public string At(string path) => new Uri(endpoint(), path).AbsoluteUri;

    private void Expand(JsonObject json, ReadOnlySpan<string> path)
    {
        if (path.IsEmpty) return;
        var name = path[0];
        var rest = path[1..];
        if (json.Text("object") == "invoice" && name == "payments") json[name] = Payments(json);
        if (json[name] is JsonValue value && value.TryGetValue<string>(out var id) && state.Find(id) is { } found) json[name] = Shown(found);
        if (json[name] is JsonObject member) Expand(member, rest);
        if (json[name] is not JsonArray list) return;
        foreach (var each in list.OfType<JsonObject>()) Expand(each, rest);
    }

    /// <summary>An invoice shows its first ten lines; the others are asked for.</summary>
    private static void ShortenLines(JsonObject lines)
    {
        var data = lines["data"]!.AsArray();
        lines["has_more"] = data.Count > LinesShown;
        while (data.Count > LinesShown) data.RemoveAt(LinesShown);
    }

    private JsonObject Payments(JsonObject invoice) =>
        StripeJson.List($"/v1/invoices/{invoice.Text("id")}/payments", state.All("invoice_payment").Where(each => each.Text("invoice") == invoice.Text("id")).Select(Shown));

    private static void Strip(JsonNode? json)
    {
        if (json is JsonArray list)
        {
            foreach (var each in list) Strip(each);
        }

        if (json is not JsonObject shown) return;
        foreach (var name in shown.Select(each => each.Key).Where(name => name.StartsWith('_')).ToArray()) shown.Remove(name);
        foreach (var (_, value) in shown) Strip(value);
    }
}
