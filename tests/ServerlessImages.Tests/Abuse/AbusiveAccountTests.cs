using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ServerlessImages.Tests.Api;
using ServerlessImages.Tests.Operators;

namespace ServerlessImages.Tests.Abuse;

/// <summary>
/// One account sends what the content filter refuses, as fast as it may, on a resource that is blocked for everybody after 20 of these: it is stopped before, and
/// the others notice nothing.
/// </summary>
public sealed class AbusiveAccountTests : IAsyncLifetime
{
    private const int RefusalsUntilBlocked = 20;
    private readonly ShiftedClock clock = new();
    private OperatorDirectory directory = null!;
    private Product product = null!;
    private HttpClient desk = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        directory = await OperatorDirectory.StartAsync();
        product = await Product.StartAsync(
            options => (options with { Emulator = emulator => emulator with { RefusalsUntilBlocked = RefusalsUntilBlocked, BlockWindow = TimeSpan.FromDays(2) } }).With(services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock))),
            directory.Settings);
        desk = new HttpClient { BaseAddress = product.Local.BaseUrl, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", directory.Token()) } };
    }

    public async ValueTask DisposeAsync()
    {
        desk.Dispose();
        await product.DisposeAsync();
        await directory.DisposeAsync();
    }

    [Fact]
    public async Task An_abusive_account_is_stopped_before_the_resource_is_blocked_and_the_others_notice_nothing()
    {
        var abuser = await product.CustomerAsync(plan: "standard");
        var other = await product.CustomerAsync(plan: "standard");
        var codes = new List<string>();
        var othersServed = 0;

        // Five bursts of as many as the plan lets it have open, with the longest cooling down in between.
        for (var burst = 0; burst < 5; burst++)
        {
            codes.AddRange(await Task.WhenAll(Enumerable.Range(0, 10).Select(number => CodeOfAsync(abuser, $"[moderated] {burst}.{number}"))));
            if (await CodeOfAsync(other, $"fox {burst}") == "") othersServed++;
            clock.Ahead += TimeSpan.FromHours(2.1);
        }

        Assert.InRange(product.Local.Emulator.Refusals(""), 8, RefusalsUntilBlocked - 1);
        Assert.False(product.Local.Emulator.IsBlocked(""));
        Assert.Equal(5, othersServed);
        Assert.Equal("account_under_review", await CodeOfAsync(abuser, "a harmless fox"));
        Assert.Equal(Money.Dollars(5), (await abuser.BalanceAsync()).Available);
        Assert.Equal((0, Money.Zero), ((await abuser.BalanceAsync()).Open, (await abuser.BalanceAsync()).Held));
        Assert.All(codes, code => Assert.Contains(code, (string[])["moderation_blocked", "content_cool_down", "account_under_review", "too_many_open_requests"]));
    }

    [Fact]
    public async Task The_account_reads_where_it_stands_and_is_told_with_each_step()
    {
        var abuser = await product.CustomerAsync(plan: "standard");
        Assert.Equal("""{"state":"good","refused_calls":0,"window_hours":24,"until":null}""", await StandingAsync(abuser));

        for (var number = 0; number < 4; number++) await CodeOfAsync(abuser, $"[moderated] {number}");

        using var refused = await abuser.GenerateAsync("a harmless fox");
        var error = await refused.AssertErrorAsync(HttpStatusCode.BadRequest, "content_cool_down");
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromMinutes(14), TimeSpan.FromMinutes(15));
        Assert.Equal(("image_generation_user_error", "false"), (error.Text("type"), refused.Header("x-should-retry")));
        using var standing = JsonDocument.Parse(await StandingAsync(abuser));
        Assert.Equal(("cooling_down", 4), (standing.RootElement.Text("state"), standing.RootElement.GetProperty("refused_calls").GetInt32()));
        Assert.Equal(error.Text("details", "until"), standing.RootElement.GetProperty("until").GetRawText());
        var events = await GetAsync(abuser, "/v1/events");
        Assert.Equal(["account.cooling_down", "account.warned"], events.GetProperty("data").EnumerateArray().Select(each => each.Text("type")));
        Assert.Equal(("input", 4), (events.GetProperty("data")[0].Text("data", "stage"), events.GetProperty("data")[0].GetProperty("data").GetProperty("refused_calls").GetInt32()));
    }

    [Fact]
    public async Task An_operator_sees_who_is_on_the_ladder_and_why_and_clears_with_a_reason_that_is_kept()
    {
        var abuser = await product.CustomerAsync(plan: "standard");
        var onlyOnce = await product.CustomerAsync(plan: "standard");
        await CodeOfAsync(onlyOnce, "[moderated]");

        // All under way before the first is refused.
        await Task.WhenAll(Enumerable.Range(0, 8).Select(number => CodeOfAsync(abuser, $"[moderated-output] [slow:1500] {number}")));

        var id = abuser.Partition.Account;
        var listed = Assert.Single((await DeskAsync("/operator/v1/abuse/accounts")).GetProperty("data").EnumerateArray());
        var strikes = await DeskAsync($"/operator/v1/abuse/accounts/{id}");
        Assert.Equal((id, "under_review"), (listed.Text("account_id"), listed.Text("standing", "state")));
        Assert.Equal(8, strikes.GetProperty("data").GetArrayLength());
        Assert.Equal(("output", "under_review"), (strikes.GetProperty("data")[0].Text("stage"), strikes.GetProperty("data")[0].Text("rung")));
        Assert.Equal(["content_review"], (await DeskAsync($"/operator/v1/accounts/{id}")).GetProperty("balance").GetProperty("stopped_for").EnumerateArray().Select(each => each.GetString()));

        using (var without = await desk.PostAsJsonAsync($"/operator/v1/abuse/accounts/{id}/clear", new { }, Cancel)) await without.AssertErrorAsync(HttpStatusCode.BadRequest, "missing_required_parameter");
        using var cleared = await desk.PostAsJsonAsync($"/operator/v1/abuse/accounts/{id}/clear", new { reason = "one end user, removed" }, Cancel);

        Assert.Equal("good", (await cleared.JsonAsync()).Text("standing", "state"));
        Assert.Equal("", await CodeOfAsync(abuser, "a harmless fox"));
        Assert.Empty((await DeskAsync("/operator/v1/abuse/accounts")).GetProperty("data").EnumerateArray());
        var act = (await DeskAsync("/operator/v1/audit")).GetProperty("data")[0];
        Assert.Equal(("clear_strikes", id, "one end user, removed", "done", "good"), (act.Text("act"), act.Text("account_id"), act.Text("reason"), act.Text("outcome"), act.Text("result")));
        Assert.Equal("account.cleared", (await GetAsync(abuser, "/v1/events")).GetProperty("data")[0].Text("type"));
    }

    [Fact]
    public async Task What_the_block_list_has_is_refused_before_any_hold_and_is_no_strike()
    {
        var customer = await product.CustomerAsync(plan: "standard");
        var calls = product.Local.Emulator.Calls;

        using var refused = await customer.GenerateAsync("some CSAM, please");

        var error = await refused.AssertErrorAsync(HttpStatusCode.BadRequest, "moderation_blocked");
        Assert.Equal(("block_list", "input", "sexual/minors"), (error.Text("details", "source"), error.Text("moderation_details", "moderation_stage"), error.GetProperty("moderation_details").GetProperty("categories")[0].GetString()));
        Assert.Equal(calls, product.Local.Emulator.Calls);
        Assert.Empty(await customer.RowsAsync("L"));
        Assert.Empty(await customer.RowsAsync("V"));
    }

    private static async Task<string> CodeOfAsync(Customer customer, string prompt)
    {
        using var response = await customer.GenerateAsync(prompt);
        return response.StatusCode == HttpStatusCode.OK ? "" : (await response.JsonAsync()).Text("error", "code");
    }

    private static async Task<string> StandingAsync(Customer customer) => (await GetAsync(customer, "/v1/balance")).GetProperty("standing").GetRawText();

    private static async Task<JsonElement> GetAsync(Customer customer, string path)
    {
        using var response = await customer.Http.GetAsync(new Uri(path, UriKind.Relative), Cancel);
        return await response.JsonAsync();
    }

    private async Task<JsonElement> DeskAsync(string path)
    {
        using var response = await desk.GetAsync(new Uri(path, UriKind.Relative), Cancel);
        return await response.JsonAsync();
    }

    /// <summary>The machine's, as far ahead as a test says: cooling down is waited for by nobody.</summary>
    private sealed class ShiftedClock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
    }
}
