using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using ServerlessImages.Accounts;
using ServerlessImages.Images;
using ServerlessImages.Local.Stripe;
using ServerlessImages.Pricing;

namespace ServerlessImages.Local;

/// <summary>
/// The main job, done once through the front door as any customer would: buy credit on Stripe's page, read the balance, generate an image, read the balance again, read the receipt,
/// and check every number against the price book and the signature against the published keys; and then the same for an account that pays later.
/// </summary>
internal sealed class Journey(LocalProduct product)
{
    public const string Model = "gpt-image-2";
    public const string Prompt = "A red fox checks its bill by candlelight";
    public const string Size = "1024x1024";
    public const string Quality = "low";

    /// <summary>What it buys.</summary>
    public static readonly Money TopUp = Money.Dollars(5);

    /// <exception cref="JourneyException">A step failed; the message says which.</exception>
    public async Task<JourneyResult> RunAsync(CancellationToken cancel)
    {
        using var client = new HttpClient { BaseAddress = product.BaseUrl };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", product.DemoKey);

        var start = await BalanceAsync(client, cancel);
        var checkout = await BuyAsync(client, cancel);
        var before = await BalanceAsync(client, cancel);
        using var answer = await GenerateAsync(client, cancel);
        var after = await BalanceAsync(client, cancel);
        var root = answer.RootElement;
        var id = root.GetProperty("id").GetString()!;
        var image = root.GetProperty("data")[0].GetProperty("b64_json").GetBytesFromBase64();
        var file = await SaveAsync(id, image, cancel);
        var cost = root.GetProperty("cost");
        return new JourneyResult
        {
            BaseUrl = product.BaseUrl,
            ApiKey = product.DemoKey,
            CheckoutId = checkout,
            TopUp = before - start,
            RequestId = id,
            ImageFile = file,
            Image = Header(image),
            ImageBytes = image.Length,
            Quote = Dollars(cost.GetProperty("quote_usd")),
            Charge = Dollars(cost.GetProperty("amount_usd")),
            Usage = Usage(root.GetProperty("usage")),
            PriceVersion = cost.GetProperty("price_version").GetString()!,
            ExpectedCharge = ExpectedCharge(Usage(root.GetProperty("usage"))),
            BalanceBefore = before,
            BalanceAfter = after,
            KeptImageIsTheSame = await IsKeptAsync(client, id, image, cancel),
            Receipt = await ReceiptAsync(client, id, cancel),
            ImageSha256 = Convert.ToHexStringLower(SHA256.HashData(image)),
            Postpaid = await new PostpaidJourney(product).RunAsync(cancel),
        };
    }

    /// <returns>The checkout's id, once the API says that it is paid.</returns>
    private static async Task<string> BuyAsync(HttpClient client, CancellationToken cancel)
    {
        using var opened = await client.PostAsJsonAsync("/v1/billing/checkout", new { amount_usd = TopUp.ToString() }, cancel);
        var id = await PayAsync(opened, cancel);
        var paid = await client.GetFromJsonAsync<JsonElement>($"/v1/billing/checkout/{id}", cancel);
        return paid.GetProperty("status").GetString() == "paid" ? id : throw new JourneyException($"The checkout is not paid: {paid.GetRawText()}");
    }

    /// <summary>As a payer's browser would: fill in the page that was opened, and come back from it.</summary>
    /// <returns>The checkout's id.</returns>
    public static async Task<string> PayAsync(HttpResponseMessage opened, CancellationToken cancel)
    {
        var checkout = await opened.Content.ReadFromJsonAsync<JsonElement>(cancel);
        if (!opened.IsSuccessStatusCode) throw new JourneyException($"The checkout was refused with {(int)opened.StatusCode}: {checkout.GetRawText()}");

        using var browser = new HttpClient();
        using var card = new FormUrlEncodedContent([KeyValuePair.Create("card", StripeTestCard.Good.Number)]);
        using var back = await browser.PostAsync(new Uri(checkout.GetProperty("url").GetString()!), card, cancel);
        return back.IsSuccessStatusCode ? checkout.GetProperty("id").GetString()! : throw new JourneyException($"The way back from the checkout's page was answered with {(int)back.StatusCode}.");
    }

    public static async Task<JsonDocument> GenerateAsync(HttpClient client, CancellationToken cancel)
    {
        using var response = await client.PostAsJsonAsync("/v1/images/generations", new { model = Model, prompt = Prompt, size = Size, quality = Quality }, cancel);
        var body = await response.Content.ReadAsStringAsync(cancel);
        return response.IsSuccessStatusCode ? JsonDocument.Parse(body) : throw new JourneyException($"The image was refused with {(int)response.StatusCode}: {body}");
    }

    private static async Task<Money> BalanceAsync(HttpClient client, CancellationToken cancel)
    {
        using var response = await client.GetAsync("/v1/balance", cancel);
        var body = await response.Content.ReadAsStringAsync(cancel);
        if (!response.IsSuccessStatusCode) throw new JourneyException($"The balance was refused with {(int)response.StatusCode}: {body}");
        using var json = JsonDocument.Parse(body);
        return Dollars(json.RootElement.GetProperty("available_usd"));
    }

    /// <summary>What was delivered can be fetched again, byte for byte.</summary>
    private static async Task<bool> IsKeptAsync(HttpClient client, string id, byte[] image, CancellationToken cancel)
    {
        var kept = await client.GetByteArrayAsync(new Uri($"/v1/requests/{id}/content", UriKind.Relative), cancel);
        return SHA256.HashData(kept).AsSpan().SequenceEqual(SHA256.HashData(image));
    }

    /// <returns>What the receipt's signature vouches for, or null if it does not verify.</returns>
    private static async Task<SignedReceipt?> ReceiptAsync(HttpClient client, string id, CancellationToken cancel)
    {
        var answer = await client.GetFromJsonAsync<JsonElement>($"/v1/receipts/{id}", cancel);
        var keys = await client.GetFromJsonAsync<JsonElement>("/.well-known/jwks.json", cancel);
        if (ReceiptCheck.Verify(answer.GetProperty("jws").GetString()!, keys) is not { } payload) return null;
        return new SignedReceipt(
            payload.GetProperty("request_id").GetString()!,
            Dollars(payload.GetProperty("cost").GetProperty("amount_usd")),
            payload.GetProperty("image_sha256")[0].GetString()!,
            payload.GetProperty("entry").GetProperty("sequence").GetInt64());
    }

    /// <summary>The charge by the price book, worked out a second time from the answer's token counts.</summary>
    private Money ExpectedCharge(TokenUsage usage)
    {
        var clock = product.Services.GetRequiredService<TimeProvider>();
        var plan = product.Services.GetRequiredService<PlanCatalog>().Get("standard");
        if (!product.Services.GetRequiredService<ModelCatalog>().Find(Model).TryGet(out var model, out var error)) throw new JourneyException(error.Message);
        if (!product.Services.GetRequiredService<PriceBook>().PriceOf(model, clock.GetUtcNow()).TryGet(out var price, out error)) throw new JourneyException(error.Message);
        var tariff = (TokenTariff)price.Cost.With(plan.Markup);
        return tariff.TextInput.Charge(usage.TextInput) + tariff.Output.Charge(usage.Output);
    }

    private async Task<string> SaveAsync(string id, byte[] image, CancellationToken cancel)
    {
        var folder = Directory.CreateDirectory(Path.Combine(product.Options.DataFolder, "images"));
        var file = Path.Combine(folder.FullName, id + ".png");
        await File.WriteAllBytesAsync(file, image, cancel);
        return file;
    }

    private static ImageHeader Header(byte[] image) => ImageHeader.TryRead(image, out var header) ? header : throw new JourneyException("The answer's image is no image.");

    private static TokenUsage Usage(JsonElement usage) => new(
        usage.GetProperty("input_tokens_details").GetProperty("text_tokens").GetInt64(),
        usage.GetProperty("input_tokens_details").GetProperty("image_tokens").GetInt64(),
        usage.GetProperty("output_tokens").GetInt64());

    public static Money Dollars(JsonElement amount) =>
        new((long)(decimal.Parse(amount.GetString()!, System.Globalization.CultureInfo.InvariantCulture) * Money.MicrosPerDollar));
}

internal sealed class JourneyException(string message) : Exception(message);
