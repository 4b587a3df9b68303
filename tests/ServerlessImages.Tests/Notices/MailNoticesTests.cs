using ServerlessImages.Ledger;
using ServerlessImages.Members;
using ServerlessImages.Notices;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Members;

namespace ServerlessImages.Tests.Notices;

/// <summary>Owners get a mail of what is new, and no second one, whatever fails in between.</summary>
public sealed class MailNoticesTests
{
    private readonly MailFixture fixture = new();

    [Fact]
    public async Task What_is_new_is_mailed_once_to_each_owner_who_has_an_address()
    {
        var account = await fixture.People.AccountAsync();
        await fixture.People.BringInAsync(account, MembersFixture.Bob, MemberRole.Owner);
        await fixture.People.BringInAsync(account, MembersFixture.PersonOf("dev"), MemberRole.Developer);
        await fixture.People.BringInAsync(account, MembersFixture.PersonOf("shy") with { Email = "" }, MemberRole.Owner);
        await fixture.FreezeAsync(account);

        await fixture.SweepAsync(times: 20);

        Assert.Equal(["ann@example.com", "bob@example.com"], fixture.Mailer.Taken.Select(mail => mail.To).Order());
        Assert.Equal(2, fixture.Mailer.Taken.Select(mail => mail.Id).Distinct().Count());
    }

    [Fact]
    public async Task An_account_that_is_well_costs_no_write()
    {
        var account = await fixture.FrozenAccountAsync();
        await fixture.FreezeAsync(account, isOn: false);

        Assert.Equal(0, await fixture.SweepAsync());
        Assert.Null(await fixture.NotedAsync(account));
    }

    [Fact]
    public async Task Another_kind_is_another_mail()
    {
        var account = await fixture.FrozenAccountAsync();
        await fixture.SweepAsync();
        await fixture.FreezeAsync(account, reason: StopReasons.PaymentDisputed);

        Assert.Equal(1, await fixture.SweepAsync(times: 3));
        Assert.StartsWith("A payment is disputed: ", fixture.Mailer.Taken[1].Subject, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_comes_back_within_a_day_is_mailed_when_the_day_is_over()
    {
        var account = await fixture.FrozenAccountAsync();
        await fixture.SweepAsync();
        for (var hour = 0; hour < 20; hour++)
        {
            await fixture.FreezeAsync(account, isOn: hour % 2 == 1);
            Assert.Equal(0, await fixture.SweepAsync(times: 6));
        }

        Assert.Equal(0, await fixture.SweepAsync(times: 23));
        Assert.Equal(1, await fixture.SweepAsync());
        Assert.Equal(0, await fixture.SweepAsync(times: 50));
    }

    [Fact]
    public async Task What_went_away_is_forgotten_after_a_day_and_new_when_it_comes_back()
    {
        var account = await fixture.FrozenAccountAsync();
        await fixture.SweepAsync();
        await fixture.FreezeAsync(account, isOn: false);
        await fixture.SweepAsync(times: 144);
        Assert.Equal([], await fixture.NotedAsync(account));

        await fixture.FreezeAsync(account);

        Assert.Equal(1, await fixture.SweepAsync());
        Assert.Equal(2, fixture.Mailer.Taken.Select(mail => mail.Id).Distinct().Count());
    }

    [Fact]
    public async Task Of_two_instances_at_once_one_mails()
    {
        await fixture.FrozenAccountAsync();
        var isElsewhere = false;
        fixture.Store.OnCommit = async (_, commit) =>
        {
            if (isElsewhere) return await commit();
            isElsewhere = true;
            await fixture.RunAsync();
            return await commit();
        };

        await fixture.RunAsync();

        Assert.True(isElsewhere);
        Assert.Single(fixture.Mailer.Taken);
    }

    [Fact]
    public async Task An_owner_whose_mail_is_delayed_gets_it_later_and_the_others_get_no_second_one()
    {
        var account = await fixture.FrozenAccountAsync();
        await fixture.People.BringInAsync(account, MembersFixture.Bob, MemberRole.Owner);
        var asked = new List<string>();
        fixture.Mailer.Answer = (mail, _) =>
        {
            if (mail.To.StartsWith("bob", StringComparison.Ordinal)) asked.Add(mail.Id);
            return Task.FromResult(mail.To.StartsWith("bob", StringComparison.Ordinal) && asked.Count < 3 ? MailOutcome.Delayed : MailOutcome.Sent);
        };

        await fixture.SweepAsync(times: 30);

        Assert.Equal(["ann@example.com", "bob@example.com"], fixture.Mailer.Taken.Select(mail => mail.To));
        Assert.Equal(3, asked.Count);
        Assert.Single(asked.Distinct());
        Assert.Empty(fixture.Undelivered);
    }

    [Fact]
    public async Task Who_is_no_owner_any_more_is_not_waited_for()
    {
        var account = await fixture.FrozenAccountAsync();
        await fixture.People.BringInAsync(account, MembersFixture.Bob, MemberRole.Owner);
        fixture.Mailer.Always(MailOutcome.Delayed);
        await fixture.SweepAsync();
        await fixture.People.Members.RemoveAsync(account.Id, MembersFixture.Bob.Id, MembersFixture.Cancel);

        fixture.Mailer.Always(MailOutcome.Sent);
        await fixture.SweepAsync(times: 30);

        Assert.Equal(["ann@example.com"], fixture.Mailer.Taken.Select(mail => mail.To));
    }

    [Fact]
    public async Task A_server_that_is_away_for_hours_is_waited_for_and_then_given_up()
    {
        await fixture.FrozenAccountAsync();
        fixture.Mailer.Always(MailOutcome.Unavailable);

        await fixture.SweepAsync(times: 24);
        Assert.Equal((5, 0), (fixture.Mailer.Asked, fixture.Undelivered.Count));
        await fixture.SweepAsync(times: 200);

        Assert.Equal(6, fixture.Mailer.Asked);
        Assert.Equal([NoticeKind.Frozen], fixture.Undelivered);
    }

    [Fact]
    public async Task A_server_that_is_away_ends_the_sweep_and_does_not_use_up_the_tries_of_all_accounts()
    {
        await fixture.FrozenAccountAsync();
        await fixture.FreezeAsync((await fixture.People.Begin.RunAsync(MembersFixture.Bob, MembersFixture.Cancel)).Account);
        fixture.Mailer.Always(MailOutcome.Unavailable);
        await fixture.RunAsync();
        Assert.Equal(1, fixture.Mailer.Asked);

        fixture.Mailer.Always(MailOutcome.Sent);
        await fixture.SweepAsync();

        Assert.Equal(["ann@example.com", "bob@example.com"], fixture.Mailer.Taken.Select(mail => mail.To).Order());
    }

    [Fact]
    public async Task Where_the_server_goes_away_between_two_kinds_the_second_is_tried_again_too()
    {
        var account = await fixture.FrozenAccountAsync();
        await fixture.FreezeAsync(account, reason: StopReasons.PaymentDisputed);
        fixture.Mailer.Always(MailOutcome.Unavailable);
        await fixture.SweepAsync(times: 40);
        Assert.Equal([NoticeKind.Frozen, NoticeKind.PaymentDisputed], fixture.Undelivered);
        Assert.Equal(6, fixture.Mailer.Asked);
    }

    [Fact]
    public async Task An_address_that_is_refused_is_not_tried_again()
    {
        await fixture.FrozenAccountAsync();
        fixture.Mailer.Always(MailOutcome.Refused);

        await fixture.SweepAsync(times: 30);

        Assert.Equal(1, fixture.Mailer.Asked);
        Assert.Equal([NoticeKind.Frozen], fixture.Undelivered);
    }

    [Fact]
    public async Task An_instance_that_ends_before_it_mails_loses_nothing()
    {
        await fixture.FrozenAccountAsync();
        fixture.EndAtNote(1, after: true);
        await Assert.ThrowsAsync<OperationCanceledException>(() => fixture.RunAsync());
        await fixture.RunAsync();
        Assert.Empty(fixture.Mailer.Taken);

        Assert.Equal(1, await fixture.SweepAsync(times: 30));
    }

    [Fact]
    public async Task An_instance_that_ends_before_it_notes_whom_it_reached_mails_twice_at_most_under_one_id()
    {
        await fixture.FrozenAccountAsync();
        fixture.EndAtNote(2, after: false);
        await Assert.ThrowsAsync<OperationCanceledException>(() => fixture.RunAsync());

        Assert.Equal(1, await fixture.SweepAsync(times: 30));
        Assert.Single(fixture.Mailer.Taken.Select(mail => mail.Id).Distinct());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_note_whose_fate_is_unknown_mails_nothing_and_the_mail_comes_later(bool isApplied)
    {
        await fixture.FrozenAccountAsync();
        var isLost = false;
        fixture.Store.OnCommit = async (_, commit) =>
        {
            if (isLost) return await commit();
            isLost = true;
            if (isApplied) await commit();
            throw new WriteFateUnknownException("lost");
        };

        await fixture.RunAsync();
        Assert.Equal((0, 1), (fixture.Mailer.Asked, fixture.Failures.Count));

        Assert.Equal(1, await fixture.SweepAsync(times: 30));
    }

    [Fact]
    public async Task An_account_that_cannot_be_read_does_not_keep_the_others_waiting()
    {
        await fixture.FrozenAccountAsync();
        await fixture.FreezeAsync((await fixture.People.Begin.RunAsync(MembersFixture.Bob, MembersFixture.Cancel)).Account);
        var isDown = true;
        fixture.Store.OnFind = key =>
        {
            if (key != "N" || !isDown) return Task.CompletedTask;
            isDown = false;
            throw new StoreUnavailableException("down");
        };

        await fixture.RunAsync();

        Assert.Single(fixture.Mailer.Taken);
        Assert.Single(fixture.Failures);
    }

    [Fact]
    public async Task Where_no_owner_has_an_address_it_stays_new_until_one_has()
    {
        var (account, _) = await fixture.People.Begin.RunAsync(MembersFixture.PersonOf("shy") with { Email = "" }, MembersFixture.Cancel);
        await fixture.FreezeAsync(account);
        Assert.Equal(0, await fixture.SweepAsync(times: 200));
        Assert.Null(await fixture.NotedAsync(account));

        await fixture.People.BringInAsync(account, MembersFixture.Bob, MemberRole.Owner);

        Assert.Equal(1, await fixture.SweepAsync(times: 3));
    }

    [Fact]
    public async Task Nobody_is_mailed_of_an_account_that_is_closed()
    {
        var account = await fixture.FrozenAccountAsync();
        await fixture.People.Accounts.CloseAsync(account.Id, MembersFixture.Cancel);

        Assert.Equal(0, await fixture.SweepAsync(times: 3));
    }

    [Fact]
    public async Task A_server_that_hangs_does_not_hold_up_the_sweep_for_longer_than_its_time()
    {
        await fixture.FrozenAccountAsync();
        fixture.Mailer.Answer = async (_, cancel) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
            return MailOutcome.Sent;
        };
        var run = fixture.RunAsync();
        Assert.False(run.IsCompleted);

        fixture.Clock.Advance(MailNotices.TimeMax);
        await run.WaitAsync(TimeSpan.FromSeconds(10), MembersFixture.Cancel);
        fixture.Mailer.Always(MailOutcome.Sent);

        Assert.Equal(1, await fixture.SweepAsync(times: 3));
    }

    [Fact]
    public async Task A_process_that_is_told_to_stop_stops()
    {
        await fixture.FrozenAccountAsync();
        using var stopping = new CancellationTokenSource();
        fixture.Mailer.Answer = async (_, cancel) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
            return MailOutcome.Sent;
        };
        var run = fixture.RunAsync(stopping.Token);

        await stopping.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task A_mail_says_what_it_is_which_account_where_to_go_and_why_one_gets_it()
    {
        var account = await fixture.FrozenAccountAsync();

        await fixture.SweepAsync();

        var mail = Assert.Single(fixture.Mailer.Taken);
        Assert.Equal($"This account is stopped: {account.Name}", mail.Subject);
        Assert.Equal(
            $"""
            This account is stopped. The operator has stopped it: no request is drawn until they let it go on. Ask them why.

            Account: {account.Name} ({account.Id})
            Portal: https://images.example.com/portal

            You get this because you are an owner of this account. It is sent once, and not more than once a day.

            """.ReplaceLineEndings("\n"),
            mail.Text);
    }

    [Theory]
    [InlineData("Acme\r\nBcc: eve@example.com", "Acme Bcc: eve@example.com")]
    [InlineData("  A\tB\u2028C\u0085D\u202eE  ", "A B C D E")]
    [InlineData("Ünïcode 画像 🦊", "Ünïcode 画像 🦊")]
    public Task The_name_of_an_account_is_one_line_of_plain_letters(string name, string expected) => AssertShownAsync(name, expected);

    [Fact]
    public Task A_long_name_is_cut_between_letters() =>
        AssertShownAsync(string.Concat(Enumerable.Repeat("🦊", 500)), string.Concat(Enumerable.Repeat("🦊", 60)) + "…");

    private async Task AssertShownAsync(string name, string expected)
    {
        var account = await fixture.People.Accounts.OpenAsync(new("acct_named", name, "standard", Sample.Now), MembersFixture.Cancel);
        await fixture.People.Members.AddFirstAsync(account.Id, MembersFixture.Ann, MembersFixture.Cancel);
        await fixture.FreezeAsync(account);

        await fixture.SweepAsync();

        var mail = Assert.Single(fixture.Mailer.Taken);
        Assert.Equal($"This account is stopped: {expected}", mail.Subject);
        Assert.Contains($"\nAccount: {expected} (acct_named)\nPortal: ", mail.Text, StringComparison.Ordinal);
    }
}
