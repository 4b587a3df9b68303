using System.Net;
using System.Net.Http.Json;
using ServerlessImages.Jobs;
using ServerlessImages.Ledger;

namespace ServerlessImages.Tests.Api;

/// <summary>A call that is expected to take long runs as a job from the start, while its caller waits as for any other.</summary>
public sealed class SlowCallTests
{
    /// <summary>The cheapest image is expected to take 18 s.</summary>
    private static readonly (string Name, string Value) FromTenSeconds = ("Jobs:CallsFrom", "00:00:10");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_is_a_job_while_its_caller_waits_and_answered_and_charged_as_any_call(bool stream)
    {
        await using var product = await Product.StartAsync(null, FromTenSeconds);
        var customer = await product.CustomerAsync();

        var calling = customer.GenerateAsync(new { model = "gpt-image-2", prompt = "a slow fox [slow:800]", size = "1024x1024", quality = "low", stream });
        var job = await JobAsync(customer);
        using var response = await calling;
        var text = await response.Content.ReadAsStringAsync(Cancel);

        Assert.Equal((JobState.Running, 1, false), (job.State, job.Attempt, job.IsAnswered));
        Assert.Equal((HttpStatusCode.OK, "", job.Id), (response.StatusCode, response.Header("Preference-Applied"), response.Header("x-request-id")));
        Assert.Contains("\"b64_json\"", text, StringComparison.Ordinal);
        await AssertChargedOnceAsync(product, customer, job.Id);
    }

    [Fact]
    public async Task A_call_that_is_expected_to_be_quick_is_none()
    {
        await using var product = await Product.StartAsync();
        var customer = await product.CustomerAsync();

        var calling = customer.GenerateAsync("a fox [slow:300]");
        while ((await customer.RowsAsync("H")).Count == 0) await Task.Delay(20, Cancel);

        Assert.Empty(await customer.RowsAsync("J"));
        using var response = await calling;
    }

    [Fact]
    public async Task Over_the_plain_wait_its_caller_is_told_where_the_result_will_be_and_it_is_there_later()
    {
        await using var product = await Product.StartAsync(null, FromTenSeconds, ("Http:PlainWait", "00:00:01"));
        var customer = await product.CustomerAsync();

        using var response = await customer.GenerateAsync("a slow fox [slow:2000]");
        var id = response.Header("x-request-id");
        var job = await JobAsync(customer);

        await response.AssertErrorAsync(HttpStatusCode.FailedDependency, "still_generating");
        Assert.Equal(new Uri(product.Local.BaseUrl, $"/v1/requests/{id}"), response.Headers.Location);
        Assert.Equal((id, JobState.Running, true), (job.Id, job.State, job.IsAnswered));

        var done = await customer.FinishedRequestAsync(id);
        using var image = await customer.Http.GetAsync(new Uri(done.GetProperty("images")[0].Text("content_url")), Cancel);
        Assert.Equal(("succeeded", HttpStatusCode.OK), (done.Text("status"), image.StatusCode));
        await AssertChargedOnceAsync(product, customer, id);
    }

    [Theory]
    [InlineData("3840x2160", "high", false, 299, true)]
    [InlineData("3840x2160", "high", true, 299, false)]
    [InlineData("1024x1024", "high", false, 130, false)]
    [InlineData("1024x1024", "low", false, 18, false)]
    public async Task The_quote_says_how_long_it_is_expected_to_take_and_whether_a_plain_call_waits_so_long(string size, string quality, bool stream, int seconds, bool exceeds)
    {
        await using var product = await Product.StartAsync();
        var customer = await product.CustomerAsync();

        using var response = await customer.Http.PostAsJsonAsync("/v1/quotes", new { model = "gpt-image-2", prompt = "a fox", size, quality, stream }, Cancel);
        var quote = await response.JsonAsync();

        Assert.Equal((seconds, exceeds), (quote.GetProperty("expected_seconds").GetInt32(), quote.GetProperty("exceeds_plain_wait").GetBoolean()));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task<Job> JobAsync(Customer of)
    {
        while (true)
        {
            if ((await of.RowsAsync("J")).SingleOrDefault() is { } row) return Job.From(row);
            await Task.Delay(20, Cancel);
        }
    }

    private static async Task AssertChargedOnceAsync(Product product, Customer customer, string id)
    {
        var entry = LedgerEntry.From(Assert.Single(await customer.RowsAsync("L")));
        var balance = await customer.BalanceAsync();
        Assert.Equal((id, EntryType.Settle), (entry.Id, entry.Type));
        Assert.Equal((new Money(5_000_000) - entry.Amount, Money.Zero, 0), (balance.Available, balance.Held, balance.Open));
        Assert.Equal(1, product.Local.Emulator.Calls);
        while ((await customer.RowsAsync("O")).Count > 0) await Task.Delay(20, Cancel);
        Assert.Empty(await customer.RowsAsync("J"));
        Assert.Empty(await customer.RowsAsync("H"));
    }
}
