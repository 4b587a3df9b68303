using System.Net;

namespace ServerlessImages.Tests.Api;

/// <summary>What an SDK sends again by itself, without any key, finds the image that it gave up on. Thresholds are scaled down.</summary>
public sealed class AdoptionTests : IAsyncLifetime
{
    private Product product = null!;
    private Customer customer = null!;

    public async ValueTask InitializeAsync()
    {
        product = await Product.StartAsync(null, ("Generation:AdoptAfter", "00:00:00.4"));
        customer = await product.CustomerAsync();
    }

    public ValueTask DisposeAsync() => product.DisposeAsync();

    [Fact]
    public async Task A_client_that_times_out_three_times_pays_once_and_its_last_try_gets_the_image()
    {
        const string Prompt = "a slow fox [slow:4000]";
        for (var attempt = 0; attempt < 3; attempt++) await GiveUpAsync(Prompt, TimeSpan.FromMilliseconds(800));

        using var last = await customer.GenerateAsync(Prompt);

        Assert.Equal(HttpStatusCode.OK, last.StatusCode);
        Assert.Equal(1, product.Local.Emulator.Calls);
        Assert.Single(await customer.RowsAsync("L"));
        Assert.Equal(new Money(5_000_000) - (await last.JsonAsync()).Money("cost", "amount_usd"), (await customer.BalanceAsync()).Available);
    }

    [Fact]
    public async Task What_was_finished_while_nobody_listened_is_delivered_once()
    {
        await GiveUpAsync("a slow fox [slow:2000]", TimeSpan.FromMilliseconds(500));
        while ((await customer.RowsAsync("L")).Count == 0) await Task.Delay(20, TestContext.Current.CancellationToken);

        using var adopted = await customer.GenerateAsync("a slow fox [slow:2000]");
        using var separate = await customer.GenerateAsync("a slow fox [slow:2000]");

        Assert.NotEqual(adopted.Header("x-request-id"), separate.Header("x-request-id"));
        Assert.Equal(2, product.Local.Emulator.Calls);
        Assert.Equal(2, (await customer.RowsAsync("L")).Count);
    }

    [Fact]
    public async Task Equal_calls_whose_callers_are_all_there_are_separate_requests()
    {
        var responses = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => customer.GenerateAsync("a red fox [slow:200]")));

        Assert.Equal(4, responses.Select(response => response.Header("x-request-id")).Distinct().Count());
        Assert.Equal(4, product.Local.Emulator.Calls);
        foreach (var response in responses) response.Dispose();
    }

    [Fact]
    public async Task Another_request_is_never_adopted()
    {
        await GiveUpAsync("a slow fox [slow:1000]", TimeSpan.FromMilliseconds(500));

        using var other = await customer.GenerateAsync("a quick fox");

        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Assert.Equal(2, product.Local.Emulator.Calls);
    }

    [Fact]
    public async Task A_failure_that_nobody_heard_is_not_adopted()
    {
        await GiveUpAsync("a slow fox [slow:2000][500]", TimeSpan.FromMilliseconds(500));

        using var again = await customer.GenerateAsync("a slow fox [slow:2000][500]");

        await again.AssertErrorAsync(HttpStatusCode.BadGateway, "upstream_failed");
        Assert.Equal(2, product.Local.Emulator.Calls);
        Assert.Equal(new Money(5_000_000), (await customer.BalanceAsync()).Available);
    }

    /// <summary>As an SDK's own time-out does: the connection goes, and the next try comes at once.</summary>
    private async Task GiveUpAsync(string prompt, TimeSpan timeout)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var call = customer.GenerateAsync(new { model = "gpt-image-2", prompt, n = 1, size = "1024x1024", quality = "low" }, giveUp.Token);
        while (product.Local.Emulator.Calls == 0) await Task.Delay(5, TestContext.Current.CancellationToken);
        giveUp.CancelAfter(timeout);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }
}
