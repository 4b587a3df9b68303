using ServerlessImages.Local.Node;
using ServerlessImages.Tests.Api;
using ServerlessImages.Tests.Docs;
using ServerlessImages.Tests.Receipts;

namespace ServerlessImages.Tests.Clients;

/// <summary>A receipt convinces someone who has only the npm package <c>jose</c> and the script that <c>docs/money.md</c> shows.</summary>
public sealed class NpmJoseTests(NpmClients npm) : IAsyncLifetime
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
    public async Task Receipts_in_a_row_verify_and_link()
    {
        var receipts = new[] { await BuyAsync(), await BuyAsync() };

        var ended = await CheckAsync(receipts);

        Assert.Equal((0, ""), (ended.ExitCode, ended.Errors));
        var lines = ended.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.EndsWith((await customer.BalanceAsync()).Head, lines[1], StringComparison.Ordinal);
        Assert.Contains(" 0.00", lines[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task One_changed_character_anywhere_and_it_does_not_verify(int part)
    {
        var parts = (await BuyAsync()).Split('.');
        var middle = parts[part].Length / 2;
        parts[part] = parts[part][..middle] + (parts[part][middle] == 'A' ? 'B' : 'A') + parts[part][(middle + 1)..];

        var ended = await CheckAsync(string.Join('.', parts));

        Assert.Equal((1, ""), (ended.ExitCode, ended.Text));
    }

    [Fact]
    public async Task A_receipt_of_another_chain_does_not_link()
    {
        var first = await BuyAsync();
        customer = await product.CustomerAsync();
        await BuyAsync();

        var ended = await CheckAsync(first, await BuyAsync());

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("does not follow", ended.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_the_keys_are_rotated_old_receipts_verify_still_and_new_ones_too()
    {
        var old = await BuyAsync();
        using var next = SampleKeys.New();
        await product.RestartAsync(("Receipts:SigningKeys:2", next.ExportPkcs8PrivateKeyPem()));
        var recent = await BuyAsync();

        var ended = await CheckAsync(old, recent);

        Assert.Equal((0, ""), (ended.ExitCode, ended.Errors));
        Assert.NotEqual(old.Split('.')[0], recent.Split('.')[0]);
    }

    [Fact]
    public async Task Of_a_retired_key_its_public_half_suffices_and_a_removed_one_vouches_for_nothing()
    {
        using var retired = SampleKeys.New();
        using var next = SampleKeys.New();
        await product.RestartAsync(("Receipts:SigningKeys:2", Convert.ToBase64String(retired.ExportPkcs8PrivateKey())));
        var receipt = await BuyAsync();
        await product.RestartAsync(("Receipts:SigningKeys:2", retired.ExportSubjectPublicKeyInfoPem()), ("Receipts:SigningKeys:3", Convert.ToBase64String(next.ExportPkcs8PrivateKey())));
        var kept = await CheckAsync(receipt);
        await product.RestartAsync(("Receipts:SigningKeys:2", Convert.ToBase64String(next.ExportSubjectPublicKeyInfo())));
        var removed = await CheckAsync(receipt);

        Assert.Equal((0, ""), (kept.ExitCode, kept.Errors));
        Assert.Equal(1, removed.ExitCode);
        Assert.Contains("ERR_JWKS_NO_MATCHING_KEY", removed.Errors, StringComparison.Ordinal);
    }

    /// <returns>The receipt of an image, as a compact JWS.</returns>
    private async Task<string> BuyAsync()
    {
        using var drawn = await customer.GenerateAsync("a fox");
        using var message = new HttpRequestMessage(HttpMethod.Get, new Uri($"/v1/receipts/{drawn.Header("x-request-id")}", UriKind.Relative)) { Headers = { { "Accept", "application/jose" } } };
        using var receipt = await customer.Http.SendAsync(message, TestContext.Current.CancellationToken);
        Assert.Equal("application/jose", receipt.Content.Headers.ContentType!.ToString());
        return await receipt.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private Task<NodeOutput> CheckAsync(params string[] receipts) =>
        npm.RunTextAsync("check-receipts.mjs", Script(), [product.Local.BaseUrl.AbsoluteUri, .. receipts]);

    /// <summary>The document's own words.</summary>
    private static string Script()
    {
        var document = DocFile.Read("docs/money.md");
        var start = document.IndexOf("// node check-receipts", StringComparison.Ordinal);
        return document[start..document.IndexOf("\n```\n", start, StringComparison.Ordinal)];
    }
}
