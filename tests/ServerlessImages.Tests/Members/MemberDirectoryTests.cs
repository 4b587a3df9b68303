using ServerlessImages.Accounts;
using ServerlessImages.Members;
using static ServerlessImages.Tests.Members.MembersFixture;

namespace ServerlessImages.Tests.Members;

public sealed class MemberDirectoryTests
{
    private readonly MembersFixture fixture = new();

    [Fact]
    public async Task A_person_can_be_in_several_accounts_each_with_its_own_role()
    {
        var account = await fixture.AccountAsync();
        var own = await fixture.Begin.RunAsync(Bob, Cancel);
        await fixture.BringInAsync(account, Bob, MemberRole.Billing);

        var all = await fixture.Members.AccountsAsync(Bob.Id, Cancel);

        Assert.Equal([(account.Id, MemberRole.Billing), (own.Account.Id, MemberRole.Owner)], all.Select(each => (each.Account.Id, each.Role)));
    }

    [Fact]
    public async Task An_account_is_found_by_the_names_and_addresses_of_its_members_as_they_are_now()
    {
        var account = await fixture.AccountAsync();
        await fixture.BringInAsync(account, Bob, MemberRole.Developer);
        await fixture.Members.NoteNameAsync(account.Id, Bob with { Email = "robert@new.example" }, Cancel);

        foreach (var text in (string[])[Ann.Email, Bob.Email.ToUpperInvariant(), Bob.Name, "robert@new"]) Assert.Contains(account.Id, (await new AccountIndex(fixture.Store).FindAsync(text, "", 10, Cancel)).Select(each => each.AccountId));
        Assert.Empty(await new AccountIndex(fixture.Store).FindAsync("new.example", "", 10, Cancel));
    }

    [Fact]
    public async Task The_last_owner_can_neither_leave_nor_become_less()
    {
        var account = await fixture.AccountAsync();
        await fixture.BringInAsync(account, Bob, MemberRole.Developer);

        Assert.Equal(ApiError.LastOwner, (await fixture.Members.RemoveAsync(account.Id, Ann.Id, Cancel)).Error());
        Assert.Equal(ApiError.LastOwner, (await fixture.Members.SetRoleAsync(account.Id, Ann.Id, MemberRole.Billing, Cancel)).Error());
        Assert.Equal(MemberRole.Owner, (await fixture.Members.FindAsync(account.Id, Ann.Id, Cancel))!.Role);
    }

    [Fact]
    public async Task Two_owners_who_take_each_other_out_at_once_leave_one()
    {
        for (var round = 0; round < 20; round++)
        {
            var own = new MembersFixture();
            var account = await own.AccountAsync();
            await own.BringInAsync(account, Bob, MemberRole.Owner);

            await Task.WhenAll(own.Members.RemoveAsync(account.Id, Ann.Id, Cancel), own.Members.RemoveAsync(account.Id, Bob.Id, Cancel), own.Members.SetRoleAsync(account.Id, Bob.Id, MemberRole.Developer, Cancel));

            Assert.Single(await own.Members.MembersAsync(account.Id, Cancel), each => each.Role == MemberRole.Owner);
        }
    }

    [Fact]
    public async Task Who_was_taken_out_is_no_member_and_sees_the_account_no_more()
    {
        var account = await fixture.AccountAsync();
        await fixture.BringInAsync(account, Bob, MemberRole.Developer);
        (await fixture.Members.RemoveAsync(account.Id, Bob.Id, Cancel)).Value();

        Assert.Null(await fixture.Members.FindAsync(account.Id, Bob.Id, Cancel));
        Assert.Empty(await fixture.Members.AccountsAsync(Bob.Id, Cancel));
        Assert.Equal(ApiError.MemberNotFound, (await fixture.Members.RemoveAsync(account.Id, Bob.Id, Cancel)).Error());
    }

    [Fact]
    public async Task An_account_has_a_bounded_number_of_members()
    {
        var account = await fixture.AccountAsync();
        for (var number = 1; number < MemberDirectory.MembersMax; number++) await fixture.BringInAsync(account, PersonOf($"p{number}"), MemberRole.Developer);

        var (_, token) = (await fixture.Invitations.InviteAsync(account, MemberRole.Developer, Ann.Id, Cancel)).Value();

        Assert.Equal("too_many_members", (await fixture.Invitations.AcceptAsync(token, Bob, Cancel)).Error().Code);
    }
}
