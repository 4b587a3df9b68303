using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Images;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Local;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Receipts;

/// <summary>Who gets a receipt, of what, and what it says.</summary>
public sealed class ReceiptTests : IAsyncLifetime
{
    private Product product = null!;
    private Customer customer = null!;

    public async ValueTask InitializeAsync()
    {
        product = await Product.StartAsync();
        customer = await product.CustomerAsync();
    }

    public ValueTask DisposeAsync() => product.DisposeAsync();

    [Fact]
    public async Task A_receipt_says_what_was_bought_what_it_cost_and_where_it_stands_in_the_ledger()
    {
        using var drawn = await customer.GenerateAsync("a fox", n: 2);
        var answer = await drawn.JsonAsync();
        var id = answer.Text("id");
        var request = await customer.RequestAsync(id);
        var entry = Assert.Single(await customer.RowsAsync("L"));
        var hashes = answer.GetProperty("data").EnumerateArray().Select(image => StoredImage.Of(image.GetProperty("b64_json").GetBytesFromBase64()).Sha256).ToArray();

        using var response = await ReadAsync(customer, id);
        var receipt = await response.JsonAsync();

        var settledAt = request.GetProperty("finished").GetInt64();
        Assert.Equal(
            string.Concat(
                $$"""{"iss":"{{product.Local.BaseUrl.AbsoluteUri.TrimEnd('/')}}","iat":{{settledAt}},"receipt_version":1,"account_id":"{{customer.Partition.Account}}","request_id":"{{id}}",""",
                $""" "key_id":"{request.Text("key_id")}","livemode":true,"operation":"generation","model":"gpt-image-2","size":"1024x1024","quality":"low","output_format":"png",""".TrimStart(),
                $""" "image_sha256":["{hashes[0]}","{hashes[1]}"],"usage":{answer.GetProperty("usage").GetRawText()},"cost":{answer.GetProperty("cost").GetRawText()},"rail":"prepaid",""".TrimStart(),
                $$$""" "held_at":{{{request.GetProperty("created").GetInt64()}}},"settled_at":{{{settledAt}}},"entry":{"sequence":2,"previous":"{{{entry.Columns.Text("Previous")}}}","head":"{{{(await customer.BalanceAsync()).Head}}}"}}""".TrimStart()),
            receipt.GetProperty("payload").GetRawText());
        Assert.Equal(("receipt", id, "application/json", "Accept"), (receipt.Text("object"), receipt.Text("id"), response.Content.Headers.ContentType!.ToString(), response.Header("Vary")));
        Assert.Equal(receipt.GetProperty("payload").GetRawText(), ReceiptCheck.Verify(receipt.Text("jws"), await KeysAsync())?.GetRawText());
    }

    [Fact]
    public async Task Read_again_under_any_prefix_and_in_either_form_it_is_the_same_receipt()
    {
        var id = await DrawAsync();
        using var json = await ReadAsync(customer, id);
        using var openai = await customer.Http.GetAsync(new Uri($"/openai/v1/receipts/{id}?api-version=x", UriKind.Relative), TestContext.Current.CancellationToken);
        using var jose = await ReadAsync(customer, id, "text/html, application/jose;q=0.9");
        using var refused = await ReadAsync(customer, id, "application/jose;q=0");

        var first = PayloadOf((await json.JsonAsync()).Text("jws"));
        Assert.Equal(first, PayloadOf((await openai.JsonAsync()).Text("jws")));
        Assert.Equal(first, PayloadOf(await jose.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
        Assert.Equal(("application/jose", "application/json"), (jose.Content.Headers.ContentType!.ToString(), refused.Content.Headers.ContentType!.ToString()));
    }

    [Fact]
    public async Task Each_receipt_begins_where_the_one_before_it_ends()
    {
        var first = (await PayloadAsync(await DrawAsync())).GetProperty("entry");
        var second = (await PayloadAsync(await DrawAsync())).GetProperty("entry");

        Assert.Equal(first.Text("head"), second.Text("previous"));
        Assert.Equal(first.GetProperty("sequence").GetInt64() + 1, second.GetProperty("sequence").GetInt64());
        Assert.Equal((await customer.BalanceAsync()).Head, second.Text("head"));
    }

    [Fact]
    public async Task The_images_of_a_receipt_may_be_gone_and_their_store_out_of_reach()
    {
        var id = await DrawAsync();
        var before = (await PayloadAsync(id)).GetRawText();
        using var deleted = await customer.Http.DeleteAsync(new Uri($"/v1/requests/{id}", UriKind.Relative), TestContext.Current.CancellationToken);
        Directory.Delete(Path.Combine(product.Local.Options.Folder, "results"), recursive: true);

        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        Assert.Equal(before, (await PayloadAsync(id)).GetRawText());
    }

    [Fact]
    public async Task Another_account_s_receipt_is_as_unknown_as_one_that_never_was()
    {
        var id = await DrawAsync();
        var stranger = await product.CustomerAsync();

        foreach (var (who, what) in new[] { (stranger, id), (customer, "req_" + new string('0', 32)), (customer, "nothing") })
        {
            using var response = await ReadAsync(who, what);
            await response.AssertErrorAsync(HttpStatusCode.NotFound, "request_not_found");
        }
    }

    [Fact]
    public async Task A_key_that_may_not_read_usage_gets_the_receipts_of_its_own_requests_only()
    {
        var id = await DrawAsync();
        var drawing = await KeyAsync(Scope.ImagesGenerate);
        using var own = await Customer(drawing).GenerateAsync("a fox");

        using var others = await ReadAsync(Customer(drawing), id);
        using var its = await ReadAsync(Customer(drawing), own.Header("x-request-id"));
        using var all = await ReadAsync(Customer(await KeyAsync(Scope.UsageRead)), id);
        using var none = await ReadAsync(Customer(await KeyAsync(Scope.KeysManage)), id);

        await others.AssertErrorAsync(HttpStatusCode.NotFound, "request_not_found");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (its.StatusCode, all.StatusCode));
        await none.AssertErrorAsync(HttpStatusCode.Forbidden, "missing_scope");
    }

    [Fact]
    public async Task What_still_runs_has_no_receipt_yet_and_what_failed_has_none()
    {
        var running = customer.GenerateAsync("a patient fox [slow:1500]");
        while ((await customer.RowsAsync("H")).Count == 0) await Task.Delay(10, TestContext.Current.CancellationToken);
        using var early = await ReadAsync(customer, LedgerRows.IdOf((await customer.RowsAsync("H"))[0].Key));
        using var drawn = await running;
        using var failed = await customer.GenerateAsync("a fox [500]");
        using var free = await ReadAsync(customer, failed.Header("x-request-id"));
        using var late = await ReadAsync(customer, drawn.Header("x-request-id"));

        await early.AssertErrorAsync(HttpStatusCode.NotFound, "receipt_not_ready");
        Assert.Equal("5", early.Header("Retry-After"));
        await free.AssertErrorAsync(HttpStatusCode.NotFound, "nothing_charged");
        Assert.Equal(HttpStatusCode.OK, late.StatusCode);
    }

    [Fact]
    public async Task The_keys_are_published_without_their_private_half_and_may_be_kept_for_a_while()
    {
        using var anyone = new HttpClient { BaseAddress = product.Local.BaseUrl };
        using var response = await anyone.GetAsync(new Uri("/.well-known/jwks.json", UriKind.Relative), TestContext.Current.CancellationToken);
        var key = Assert.Single((await response.JsonAsync()).GetProperty("keys").EnumerateArray());

        Assert.Equal(["alg", "crv", "kid", "kty", "use", "x", "y"], key.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
        Assert.Equal("public, max-age=300", response.Headers.CacheControl!.ToString());
    }

    [Fact]
    public async Task Without_a_key_to_sign_with_the_API_does_not_start_and_says_how_to_make_one()
    {
        var problem = await Assert.ThrowsAnyAsync<Exception>(() => Product.StartAsync(
            options => options with { Services = services => services.Configure<ServerlessImages.Api.Receipts.ReceiptOptions>(receipts => receipts.SigningKeys.Clear()) }));

        Assert.Contains("openssl genpkey", problem.Message, StringComparison.Ordinal);
    }

    private async Task<string> DrawAsync()
    {
        using var drawn = await customer.GenerateAsync("a fox");
        Assert.Equal(HttpStatusCode.OK, drawn.StatusCode);
        return drawn.Header("x-request-id");
    }

    private async Task<JsonElement> PayloadAsync(string id)
    {
        using var response = await ReadAsync(customer, id);
        return (await response.JsonAsync()).GetProperty("payload");
    }

    private Task<ApiKeyText> KeyAsync(string scope) =>
        product.Local.Services.GetRequiredService<MintApiKey>().RunAsync(customer.Partition.Account, [scope], TestContext.Current.CancellationToken);

    /// <summary>The same account with another key.</summary>
    private Customer Customer(ApiKeyText key) => new(product, customer.Partition.Account, key);

    private async Task<JsonElement> KeysAsync()
    {
        using var response = await customer.Http.GetAsync(new Uri("/.well-known/jwks.json", UriKind.Relative), TestContext.Current.CancellationToken);
        return await response.JsonAsync();
    }

    private static string PayloadOf(string jws) => jws.Split('.')[1];

    private static async Task<HttpResponseMessage> ReadAsync(Customer who, string id, string? accept = null)
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, new Uri($"/v1/receipts/{id}", UriKind.Relative));
        if (accept is not null) message.Headers.Accept.ParseAdd(accept);
        return await who.Http.SendAsync(message, TestContext.Current.CancellationToken);
    }
}
