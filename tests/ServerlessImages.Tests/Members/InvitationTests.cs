using ServerlessImages.Members;
using ServerlessImages.Storage;
using static ServerlessImages.Tests.Members.MembersFixture;

namespace ServerlessImages.Tests.Members;

public sealed class InvitationTests
{
    private readonly MembersFixture fixture = new();

    [Fact]
    public async Task A_link_brings_in_one_person_once()
    {
        var account = await fixture.AccountAsync();
        var (invitation, token) = (await fixture.Invitations.InviteAsync(account, MemberRole.Developer, Ann.Id, Cancel)).Value();
        var people = Enumerable.Range(0, 8).Select(number => PersonOf($"p{number}")).ToArray();

        var answers = await Task.WhenAll(people.Select(person => fixture.Invitations.AcceptAsync(token, person, Cancel)));

        Assert.Equal(MemberRole.Developer, Assert.Single(answers, answer => answer.TryGet(out _, out _)).Value().Role);
        Assert.Equal(7, answers.Count(answer => !answer.TryGet(out _, out var error) && error == ApiError.InvitationNotValid));
        Assert.Equal(2, (await fixture.Members.MembersAsync(account.Id, Cancel)).Count);
        Assert.StartsWith("inv_", invitation.Id, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whose_answer_was_lost_comes_again_and_is_in()
    {
        var account = await fixture.AccountAsync();
        var (_, token) = (await fixture.Invitations.InviteAsync(account, MemberRole.Billing, Ann.Id, Cancel)).Value();
        (await fixture.Invitations.AcceptAsync(token, Bob, Cancel)).Value();

        Assert.Equal(MemberRole.Billing, (await fixture.Invitations.AcceptAsync(token, Bob, Cancel)).Value().Role);
        Assert.Equal(ApiError.InvitationNotValid, (await fixture.Invitations.AcceptAsync(token, PersonOf("eve"), Cancel)).Error());
    }

    [Fact]
    public async Task After_seven_days_or_once_taken_back_it_is_good_for_nobody()
    {
        var account = await fixture.AccountAsync();
        var (first, taken) = (await fixture.Invitations.InviteAsync(account, MemberRole.Owner, Ann.Id, Cancel)).Value();
        var (_, old) = (await fixture.Invitations.InviteAsync(account, MemberRole.Owner, Ann.Id, Cancel)).Value();
        await fixture.Invitations.WithdrawAsync(account.Id, first.Id, Cancel);
        Assert.True((await fixture.Invitations.FindAsync(old, Cancel)).TryGet(out _, out _));

        fixture.Clock.Advance(TimeSpan.FromDays(7));

        foreach (var token in (string[])[taken, old]) Assert.Equal(ApiError.InvitationNotValid, (await fixture.Invitations.AcceptAsync(token, Bob, Cancel)).Error());
        Assert.Empty(await fixture.Invitations.ListAsync(account.Id, Cancel));
        Assert.Single(await fixture.Members.MembersAsync(account.Id, Cancel));
    }

    [Fact]
    public async Task A_wrong_link_opens_nothing()
    {
        var account = await fixture.AccountAsync();
        var (_, token) = (await fixture.Invitations.InviteAsync(account, MemberRole.Owner, Ann.Id, Cancel)).Value();
        var changed = token[..^1] + (token[^1] == 'A' ? 'B' : 'A');
        var parts = token.Split('.');

        foreach (var wrong in (string[])["", "..", "acct_x.inv_y.z", token + "x", changed, $"acct_other.{parts[1]}.{parts[2]}", $"{parts[0]}.{parts[1]}.", $"{parts[0]}.inv_/.{parts[2]}"])
        {
            Assert.Equal(ApiError.InvitationNotValid, (await fixture.Invitations.FindAsync(wrong, Cancel)).Error());
        }
    }

    [Fact]
    public async Task The_store_has_no_link_in_it()
    {
        var account = await fixture.AccountAsync();
        var (invitation, token) = (await fixture.Invitations.InviteAsync(account, MemberRole.Owner, Ann.Id, Cancel)).Value();

        var row = await fixture.Store.FindAsync(TableNames.Accounts, account.Id, "V|" + invitation.Id, Cancel);

        Assert.DoesNotContain(row!.Columns, column => column.Value is string value && value.Contains(token.Split('.')[2][..20], StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_member_keeps_the_role_and_leaves_the_link_to_others()
    {
        var account = await fixture.AccountAsync();
        var (_, token) = (await fixture.Invitations.InviteAsync(account, MemberRole.Developer, Ann.Id, Cancel)).Value();

        Assert.Equal(MemberRole.Owner, (await fixture.Invitations.AcceptAsync(token, Ann, Cancel)).Value().Role);
        Assert.Equal(MemberRole.Developer, (await fixture.Invitations.AcceptAsync(token, Bob, Cancel)).Value().Role);
    }
}
