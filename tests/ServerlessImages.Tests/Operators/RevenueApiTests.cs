using System.Net;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Operators;

/// <summary><c>GET /operator/v1/revenue</c>.</summary>
public sealed class RevenueApiTests
{
    [Fact]
    public async Task A_sold_image_is_in_the_revenue_of_its_day_its_model_and_its_customer()
    {
        await using var desk = await Desk.StartAsync();
        var account = await desk.AccountAsync();
        await desk.DoAsync(HttpMethod.Post, $"/operator/v1/accounts/{account}/grants", new { amount_usd = "5", reason = "welcome" });
        using var customer = (await desk.KeyAsync(account)).Http;
        await Desk.DrawAsync(customer);

        var byDay = await desk.GetAsync("/operator/v1/revenue");
        var byModel = await desk.GetAsync("/operator/v1/revenue?group_by=model");
        var byAccount = await desk.GetAsync("/operator/v1/revenue?group_by=account");
        var ofAccount = await desk.GetAsync($"/operator/v1/revenue?group_by=model&account_id={account}");

        Assert.True(byDay.GetProperty("is_complete").GetBoolean());
        Assert.Equal($$"""{"day":"{{TimeProvider.System.GetUtcNow():yyyy-MM-dd}}","requests":1,"requests_uncharged":0,"images":1,"charged_usd":"0.010000","upstream_cost_usd":"0.010000","margin_usd":"0.000000"}""", byDay.GetProperty("data")[0].GetRawText());
        Assert.Equal((TestCatalog.FlatModel, account, TestCatalog.FlatModel), (byModel.GetProperty("data")[0].Text("model"), byAccount.GetProperty("data")[0].Text("account_id"), ofAccount.GetProperty("data")[0].Text("model")));
        Assert.Equal(("0.010000", "0.010000"), (byAccount.Text("total", "charged_usd"), ofAccount.Text("total", "charged_usd")));
    }

    [Fact]
    public async Task A_query_that_makes_no_sense_is_refused()
    {
        await using var desk = await Desk.StartAsync();

        foreach (var query in (string[])["from=yesterday", "from=2026-11-02&to=2026-11-02", "from=2020-01-01&to=2026-01-01", "group_by=planet", "limit=0", "limit=1001"])
        {
            await desk.AssertRefusedAsync(HttpMethod.Get, $"/operator/v1/revenue?{query}", null, HttpStatusCode.BadRequest, "invalid_value");
        }

        await desk.AssertRefusedAsync(HttpMethod.Get, "/operator/v1/revenue?account_id=acct_nobody", null, HttpStatusCode.NotFound, "account_not_found");
        await desk.AssertRefusedAsync(HttpMethod.Get, "/operator/v1/revenue?colour=red", null, HttpStatusCode.BadRequest, "unknown_parameter");
    }
}
