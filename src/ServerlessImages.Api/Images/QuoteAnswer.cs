using System.Text.Json;
using Microsoft.Extensions.Options;
using ServerlessImages.Api.Http;
using ServerlessImages.Images;
using ServerlessImages.Pricing;

namespace ServerlessImages.Api.Images;

/// <summary>Answers a body with its quote, for whoever is the call's caller.</summary>
internal sealed class QuoteAnswer(OrderIntake intake, GiveQuote give, ExpectedTimes times, IOptions<HttpOptions> options, ErrorWriter errors)
{
    public async Task WriteAsync(HttpContext http, OrderBody body)
    {
        if (!(await intake.ReadAsync(http, body)).TryGet(out var incoming, out var error))
        {
            await errors.WriteAsync(http, error);
            return;
        }

        using (incoming) await AnswerAsync(http, incoming, await times.OfAsync(incoming.Order.Request, http.RequestAborted));
    }

    private async Task AnswerAsync(HttpContext http, IncomingOrder incoming, TimeSpan expected)
    {
        var error = IdempotencyHeader.TryRead(http.Request, out var key);
        if (error is null && (await give.RunAsync(http.Caller(), incoming.WithKey(key).Order, http.RequestAborted)).TryGet(out var given, out error)) await WriteAsync(http, incoming.Order, given, expected, isTooLong: !incoming.Order.Request.Stream && expected > options.Value.PlainWait);
        else await errors.WriteAsync(http, error!);
    }

    private static async Task WriteAsync(HttpContext http, ImageOrder order, GivenQuote given, TimeSpan expected, bool isTooLong)
    {
        var (priced, signed) = given;
        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("object", "quote");
        json.WriteString("quote_id", signed.Id);
        json.WriteNumber("expires_at", signed.ExpiresAt.ToUnixTimeSeconds());
        json.WriteString("model", order.Request.Model.Id);
        json.WriteString("quote_usd", priced.Quote.Amount.ToString());
        json.WriteString("currency", "usd");
        json.WriteString("price_version", priced.Quote.PriceVersion);
        WriteLines(json, priced.Rate.Lines(order.Request));
        json.WriteNumber("expected_seconds", Math.Round(expected.TotalSeconds));
        json.WriteBoolean("exceeds_plain_wait", isTooLong);
        json.WriteBoolean("livemode", http.Caller().Key.Livemode);
        json.WriteEndObject();
    }

    private static void WriteLines(Utf8JsonWriter json, IReadOnlyList<PriceLine> lines)
    {
        json.WriteStartArray("lines");
        foreach (var line in lines)
        {
            json.WriteStartObject();
            json.WriteString("item", line.Item);
            json.WriteNumber("quantity", line.Quantity);
            json.WriteString("amount_usd", line.Amount.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
