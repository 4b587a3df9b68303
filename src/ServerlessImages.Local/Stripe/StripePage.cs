using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>What all pages of the emulator look like.</summary>
internal static class StripePage
{
    private const string Style = """
        :root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); --accent: #4f46e5 }
        body { font: 16px/1.5 system-ui, sans-serif; margin: 0; padding: 2rem 1rem; display: grid; justify-content: center; grid-template-columns: minmax(0, 40rem) }
        h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem }
        .note { opacity: .7; margin: .25rem 0 1rem } [role=alert] { border-left: 4px solid #dc2626; padding-left: .75rem } [role=status] { border-left: 4px solid #16a34a; padding-left: .75rem }
        table { width: 100%; border-collapse: collapse } th, td { text-align: left; padding: .4rem .5rem .4rem 0; border-bottom: 1px solid var(--line) } .number { text-align: right; font-variant-numeric: tabular-nums }
        fieldset { border: 1px solid var(--line); border-radius: .5rem; padding: .5rem 1rem; margin: 0 0 1rem } label { display: block; padding: .25rem 0 }
        button { font: inherit; padding: .5rem 1rem; border: 0; border-radius: .5rem; background: var(--accent); color: #fff; cursor: pointer } button.quiet { background: none; color: inherit; border: 1px solid var(--line) }
        form.inline { display: inline } a { color: inherit }
        """;

    public static string Html(string title, string body) => $"""
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"><title>{Encoded(title)}</title><style>{Style}</style></head>
        <body>
        <main>
        <h1>{Encoded(title)}</h1>
        <p class="note">This is an emulator of Stripe on this machine: no money moves.</p>
        {body}
        </main>
        </body>
        </html>

        """;

    /// <summary>No card is typed in: the well-known test cards are there to choose from.</summary>
    public static string Cards(bool withSlow) =>
        string.Concat(StripeTestCard.All.Where(card => withSlow || !card.IsSlow).Select((card, index) => $"<label><input type=\"radio\" name=\"card\" value=\"{card.Number}\"{(index == 0 ? " checked" : "")}> …{card.Last4} {card.Meaning}</label>\n"));

    public static string Alert(string? problem) => problem is null ? "" : $"<p role=\"alert\">{Encoded(problem)}</p>";

    public static string Encoded(string text) => WebUtility.HtmlEncode(text);

    public static string Dollars(long cents) => string.Create(CultureInfo.InvariantCulture, $"{(cents < 0 ? "−" : "")}${Math.Abs(cents) / 100m:0.00}");

    public static string Day(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

/// <summary>The page on which a checkout is paid, or is not.</summary>
internal static class StripePayPage
{
    public static string Html(JsonObject session, string? problem)
    {
        var isSubscription = session.Text("mode") == "subscription";
        var what = isSubscription ? "Pay for usage, monthly" : $"Prepaid credit: {StripePage.Dollars(session.Number("amount_total"))}";
        var act = isSubscription ? "Subscribe" : $"Pay {StripePage.Dollars(session.Number("amount_total"))}";
        return StripePage.Html(what, $"""
            {StripePage.Alert(problem)}
            <form method="post">
            <fieldset><legend>Pay with a card that</legend>
            {StripePage.Cards(withSlow: !isSubscription)}</fieldset>
            <button type="submit">{act}</button>
            </form>
            <p><a href="{StripePage.Encoded(session.Text("cancel_url"))}">Back without paying</a></p>
            """);
    }
}

/// <summary>One invoice, for its payer: what is on it, and a button while it is open.</summary>
internal static class StripeInvoicePage
{
    public static string Html(JsonObject invoice, string? problem)
    {
        var lines = invoice.Data("lines").Select(each => $"<tr><td>{StripePage.Encoded(each.Text("description"))}</td><td class=\"number\">{StripePage.Dollars(each.Number("amount"))}</td></tr>\n");
        return StripePage.Html($"Invoice {invoice.Text("number")}", $"""
            {StripePage.Alert(problem)}
            <p>{StripePage.Encoded(invoice.Text("customer_name"))}, {StripePage.Day(invoice.Number("created"))}: {invoice.Text("status")}</p>
            <table><thead><tr><th>What</th><th class="number">Amount</th></tr></thead>
            <tbody>{string.Concat(lines)}</tbody>
            <tfoot><tr><th>Total</th><th class="number">{StripePage.Dollars(invoice.Number("total"))}</th></tr></tfoot></table>
            {(invoice.Text("status") == "open" ? $"<form method=\"post\"><p><button type=\"submit\">Pay {StripePage.Dollars(invoice.Number("amount_due"))}</button></p></form>" : "")}
            <p><a href="/i/{invoice.Text("id")}/pdf">As PDF</a></p>
            """);
    }
}

/// <summary>What a customer does alone: see invoices, change the card, end the subscription.</summary>
internal static class StripePortalPage
{
    public static string Html(JsonObject portal, JsonObject customer, IEnumerable<JsonObject> invoices, IEnumerable<JsonObject> subscriptions, string? card, string? done)
    {
        var rows = invoices.Select(each => $"<tr><td><a href=\"/i/{each.Text("id")}\">{(each["number"] is null ? "draft" : each.Text("number"))}</a></td><td>{StripePage.Day(each.Number("created"))}</td><td>{each.Text("status")}</td><td class=\"number\">{StripePage.Dollars(each.Number("total"))}</td></tr>\n");
        return StripePage.Html($"Billing of {customer.Text("name")}", $"""
            {(done is null ? "" : $"<p role=\"status\">{done}</p>")}
            <h2>Invoices</h2>
            <table><thead><tr><th>Number</th><th>Day</th><th>Status</th><th class="number">Total</th></tr></thead><tbody>{string.Concat(rows)}</tbody></table>
            <h2>Card</h2>
            <p>{(card is null ? "None is saved." : $"The card that ends in {card} is charged.")}</p>
            <form method="post"><input type="hidden" name="act" value="card">
            <fieldset><legend>Change to a card that</legend>
            {StripePage.Cards(withSlow: false)}</fieldset>
            <button type="submit">Change the card</button></form>
            <h2>Subscription</h2>
            {string.Concat(subscriptions.Select(Subscription))}
            <p><a href="{StripePage.Encoded(portal.Text("return_url"))}">Back</a></p>
            """);
    }

    private static string Subscription(JsonObject subscription)
    {
        var ends = subscription.Flag("cancel_at_period_end");
        var until = StripePage.Day(subscription.Data("items")[0].Number("current_period_end"));
        return $"""
            <p>{subscription.Text("status")}; {(ends ? "ends on" : "next invoice on")} {until}</p>
            <form method="post"><input type="hidden" name="act" value="{(ends ? "keep" : "cancel")}"><input type="hidden" name="subscription" value="{subscription.Text("id")}">
            <button class="quiet" type="submit">{(ends ? "Keep it" : "End it with this period")}</button></form>

            """;
    }
}
