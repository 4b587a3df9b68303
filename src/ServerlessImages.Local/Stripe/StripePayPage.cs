using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>The page on which a checkout is paid, or is not. No card is typed in: the well-known test cards are there to choose from.</summary>
internal static class StripePayPage
{
    public static string Html(JsonObject session, string? problem)
    {
        var dollars = (session["amount_total"]!.GetValue<long>() / 100m).ToString("0.00", CultureInfo.InvariantCulture);
        var cards = string.Concat(StripeTestCard.All.Select((card, index) => $"<label><input type=\"radio\" name=\"card\" value=\"{card.Number}\"{(index == 0 ? " checked" : "")}> …{card.Last4} {card.Meaning}</label><br>\n"));
        return $"""
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>Emulated Checkout</title></head>
            <body>
            <main>
            <h1>Prepaid credit: ${dollars}</h1>
            <p>This is an emulator of Stripe on this machine: no money moves.</p>
            {(problem is null ? "" : $"<p role=\"alert\">{WebUtility.HtmlEncode(problem)}</p>")}
            <form method="post">
            <fieldset><legend>Pay with a card that</legend>
            {cards}</fieldset>
            <button type="submit">Pay ${dollars}</button>
            </form>
            <p><a href="{WebUtility.HtmlEncode(session.Text("cancel_url"))}">Back without paying</a></p>
            </main>
            </body>
            </html>

            """;
    }
}
