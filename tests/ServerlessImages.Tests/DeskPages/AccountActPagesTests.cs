using System.Globalization;
using System.Net;
using ServerlessImages.Accounts;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;

namespace ServerlessImages.Tests.DeskPages;

/// <summary>What an operator does to an account at the desk: with a reason, written down, and once for each form.</summary>
public sealed class AccountActPagesTests(DeskFixture desk) : IClassFixture<DeskFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_form_that_is_sent_twice_grants_once()
    {
        var (account, _, customer) = await desk.CustomerAsync();
        var before = await customer.BalanceAsync();
        var form = await desk.AskAsync($"/operator/accounts/{account}/grant");

        var first = await desk.SendAsync(form, ("amount_usd", "2.50"), ("reason", "welcome"));
        var second = await desk.SendAsync(form, ("amount_usd", "2.50"), ("reason", "welcome"));

        Assert.Equal(($"/operator/accounts/{account}", HttpStatusCode.OK), (first.Path, first.Status));
        Assert.Contains("The credit is there.", first.Html, StringComparison.Ordinal);
        Assert.Equal(first.Path, second.Path);
        Assert.Equal(before.Granted + new Money(2_500_000), (await customer.BalanceAsync()).Granted);
        var act = await desk.LastActAsync(account);
        Assert.Equal(("grant_credit", "welcome", "ada@example.com"), (act.Act, act.Reason, act.Who));
    }

    [Fact]
    public async Task A_form_that_was_sent_and_comes_again_with_another_amount_grants_nothing_until_it_is_sent_once_more()
    {
        var (account, _, customer) = await desk.CustomerAsync();
        var before = await customer.BalanceAsync();
        var form = await desk.AskAsync($"/operator/accounts/{account}/grant");
        await desk.SendAsync(form, ("amount_usd", "1"), ("reason", "welcome"));

        var refused = await desk.SendAsync(form, ("amount_usd", "3"), ("reason", "welcome"));
        var granted = (await customer.BalanceAsync()).Granted;
        await desk.SendAsync(refused, ("amount_usd", "3"), ("reason", "welcome"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("This form was sent before with other values", refused.Html, StringComparison.Ordinal);
        Assert.Equal((before.Granted + Money.Dollars(1), before.Granted + Money.Dollars(4)), (granted, (await customer.BalanceAsync()).Granted));
    }

    [Fact]
    public async Task Credit_with_a_last_day_expires_when_that_is_over()
    {
        var (account, _, customer) = await desk.CustomerAsync();
        var day = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(10);

        await desk.DoAsync($"/operator/accounts/{account}/grant", ("amount_usd", "1"), ("last_day", day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)), ("reason", "trial"));
        var late = await desk.DoAsync($"/operator/accounts/{account}/grant", ("amount_usd", "1"), ("last_day", "2020-01-01"), ("reason", "trial"));

        var grant = (await desk.Of<AccountLedger>().EntriesBeforeAsync(customer.Partition, long.MaxValue, 1, Cancel))[0];
        Assert.Equal(new DateTimeOffset(day.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero), grant.ExpiresAt);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, late.Status);
        Assert.Contains("id=\"last_day-error\"", late.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_is_refunded_as_credit_and_once()
    {
        var (account, request, customer) = await desk.CustomerAsync();
        var before = await customer.BalanceAsync();
        var form = await desk.AskAsync($"/operator/accounts/{account}/refund?request={request}");
        Assert.Contains($"value=\"{request}\"", form.Html, StringComparison.Ordinal);

        await desk.SendAsync(form, ("request_id", request), ("reason", "six fingers"));
        await desk.DoAsync($"/operator/accounts/{account}/refund", ("request_id", request), ("reason", "six fingers"));

        Assert.Equal(before.Available + new Money(10_000), (await customer.BalanceAsync()).Available);
        var act = await desk.LastActAsync(account);
        Assert.Equal(("refund_request", "six fingers"), (act.Act, act.Reason));
    }

    [Fact]
    public async Task Another_accounts_request_is_none_of_this_one()
    {
        var (account, _, _) = await desk.CustomerAsync();
        var (_, others, _) = await desk.CustomerAsync();

        var refused = await desk.DoAsync($"/operator/accounts/{account}/refund", ("request_id", others), ("reason", "six fingers"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("There is no such request in this account", refused.Html, StringComparison.Ordinal);
        Assert.Contains($"value=\"{others}\"", refused.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credit_is_taken_back_once_and_no_more_than_is_there()
    {
        var (account, _, customer) = await desk.CustomerAsync();
        var before = await customer.BalanceAsync();
        var form = await desk.AskAsync($"/operator/accounts/{account}/take-back");

        await desk.SendAsync(form, ("take_back_usd", "1"), ("reason", "a mistake"));
        await desk.SendAsync(form, ("take_back_usd", "1"), ("reason", "a mistake"));
        var refused = await desk.DoAsync($"/operator/accounts/{account}/take-back", ("take_back_usd", "100"), ("reason", "a mistake"));

        Assert.Equal(before.Available - Money.Dollars(1), (await customer.BalanceAsync()).Available);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        var act = await desk.LastActAsync(account);
        Assert.Equal(("take_back_credit", $"${before.Available} available", "a mistake"), (act.Act, act.Before, act.Reason));
    }

    [Fact]
    public async Task A_plan_is_changed_with_what_was_before()
    {
        var (account, _, _) = await desk.CustomerAsync();

        await desk.DoAsync($"/operator/accounts/{account}/plan", ("plan", "trusted"), ("reason", "pays in time"));
        var refused = await desk.DoAsync($"/operator/accounts/{account}/plan", ("plan", "golden"), ("reason", "pays in time"));

        Assert.Equal("trusted", (await desk.Of<AccountDirectory>().FindAsync(account, Cancel))!.Plan);
        Assert.Equal(("change_plan", "wide", "trusted", "pays in time", "ada@example.com"), await desk.LastActAsync(account));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("id=\"plan-error\"", refused.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_credit_limit_is_set_and_bounded()
    {
        var (account, _, _) = await desk.CustomerAsync();

        await desk.DoAsync($"/operator/accounts/{account}/credit-limit", ("credit_limit_usd", "50"), ("reason", "trusted"));
        var refused = await desk.DoAsync($"/operator/accounts/{account}/credit-limit", ("credit_limit_usd", "10001"), ("reason", "trusted"));

        var act = await desk.LastActAsync(account);
        Assert.Equal(("set_credit_limit", "$0.000000", "trusted"), (act.Act, act.Before, act.Reason));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("Operator:CreditLimitUsdMax", refused.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_frozen_account_draws_nothing_until_it_is_let_go_on()
    {
        var (account, _, customer) = await desk.CustomerAsync();

        await desk.DoAsync($"/operator/accounts/{account}/freeze", ("reason", "stolen card"));
        await Operators.Desk.DrawAsync(customer.Http, HttpStatusCode.PaymentRequired);
        Assert.Equal(("freeze_account", "not stopped", "stopped for frozen", "stolen card", "ada@example.com"), await desk.LastActAsync(account));
        await desk.DoAsync($"/operator/accounts/{account}/unfreeze", ("reason", "it was not"));
        await Operators.Desk.DrawAsync(customer.Http);

        Assert.Equal(("unfreeze_account", "stopped for frozen", "not stopped", "it was not", "ada@example.com"), await desk.LastActAsync(account));
    }

    [Fact]
    public async Task Strikes_are_forgiven()
    {
        var (account, _, customer) = await desk.CustomerAsync();
        using (var refused = await customer.GenerateAsync("[moderated]")) Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);

        await desk.DoAsync($"/operator/accounts/{account}/clear-strikes", ("reason", "a film poster"));

        Assert.Empty((await customer.BalanceAsync()).Conduct.Strikes);
        var act = await desk.LastActAsync(account);
        Assert.Equal(("clear_strikes", "a film poster"), (act.Act, act.Reason));
    }

    [Fact]
    public async Task A_key_is_switched_off_and_on_and_revoked()
    {
        var (account, _, customer) = await desk.CustomerAsync();
        var key = ApiKeyText.Parse(customer.Key)!.KeyId;

        await desk.DoAsync($"/operator/accounts/{account}/keys/{key}/disable", ("reason", "found on GitHub"));
        Assert.Equal(("disable_key", "good", "disabled", "found on GitHub", "ada@example.com"), await desk.LastActAsync(account));
        await Operators.Desk.DrawAsync(customer.Http, HttpStatusCode.Unauthorized);
        await desk.DoAsync($"/operator/accounts/{account}/keys/{key}/enable", ("reason", "it was another"));
        await Operators.Desk.DrawAsync(customer.Http);
        var done = await desk.DoAsync($"/operator/accounts/{account}/keys/{key}/revoke", ("reason", "found once more"));
        await Operators.Desk.DrawAsync(customer.Http, HttpStatusCode.Unauthorized);

        Assert.Contains("The key is revoked.", done.Html, StringComparison.Ordinal);
        Assert.Equal("revoke_key", (await desk.LastActAsync(account)).Act);
    }

    [Fact]
    public async Task Another_accounts_key_is_none_of_this_one()
    {
        var (account, _, _) = await desk.CustomerAsync();
        var (_, _, other) = await desk.CustomerAsync();
        var key = ApiKeyText.Parse(other.Key)!.KeyId;

        foreach (var act in (string[])["disable", "enable", "revoke"]) Assert.Equal(HttpStatusCode.NotFound, (await desk.Operator.GetAsync($"/operator/accounts/{account}/keys/{key}/{act}")).Status);
        await Operators.Desk.DrawAsync(other.Http);
    }

    [Theory]
    [InlineData("grant", "amount_usd", "0")]
    [InlineData("grant", "amount_usd", "1001")]
    [InlineData("grant", "amount_usd", "1.0000001")]
    [InlineData("grant", "amount_usd", "")]
    [InlineData("refund", "request_id", "req_nonsense")]
    [InlineData("take-back", "take_back_usd", "-1")]
    [InlineData("plan", "plan", "")]
    [InlineData("credit-limit", "credit_limit_usd", "x")]
    public async Task What_is_wrong_is_said_beside_what_was_typed_and_nothing_is_done(string act, string field, string value)
    {
        var (account, _, customer) = await desk.CustomerAsync();
        var before = await customer.BalanceAsync();

        var refused = await desk.DoAsync($"/operator/accounts/{account}/{act}", (field, value), ("reason", "because"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("Nothing was done. Please correct:", refused.Html, StringComparison.Ordinal);
        Assert.Contains("because</textarea>", refused.Html, StringComparison.Ordinal);
        Assert.Equal((before.Sequence, 0), ((await customer.BalanceAsync()).Sequence, (await desk.ActsAsync(account)).Count));
    }

    [Theory]
    [InlineData("grant", "amount_usd", "1")]
    [InlineData("take-back", "take_back_usd", "1")]
    [InlineData("plan", "plan", "trusted")]
    [InlineData("credit-limit", "credit_limit_usd", "1")]
    [InlineData("freeze", "", "")]
    [InlineData("unfreeze", "", "")]
    [InlineData("clear-strikes", "", "")]
    public async Task Nothing_is_done_without_a_reason(string act, string field, string value)
    {
        var (account, _, _) = await desk.CustomerAsync();

        var refused = await desk.DoAsync($"/operator/accounts/{account}/{act}", field.Length == 0 ? [("reason", " ")] : [(field, value), ("reason", "")]);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("id=\"reason-error\"", refused.Html, StringComparison.Ordinal);
        Assert.Empty(await desk.ActsAsync(account));
    }
}
