using ServerlessImages.Members;
using static ServerlessImages.Tests.Members.MembersFixture;

namespace ServerlessImages.Tests.Members;

public sealed class BeginAccountTests
{
    private readonly MembersFixture fixture = new();

    [Fact]
    public async Task The_first_sign_in_makes_an_account_and_its_owner()
    {
        var begun = await fixture.Begin.RunAsync(Ann, Cancel);

        Assert.Equal(("ann", "standard", MemberRole.Owner), (begun.Account.Name, begun.Account.Plan, begun.Role));
        Assert.Equal([begun], await fixture.Members.AccountsAsync(Ann.Id, Cancel));
        Assert.Empty(await fixture.Members.AccountsAsync(Bob.Id, Cancel));
    }

    [Fact]
    public async Task Beginning_twice_also_at_once_makes_one()
    {
        var begun = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => fixture.Begin.RunAsync(Ann, Cancel)));

        Assert.Single(begun.Select(each => each.Account.Id).Distinct());
        Assert.Single(await fixture.Members.MembersAsync(begun[0].Account.Id, Cancel));
    }

    [Fact]
    public async Task Whoever_was_taken_out_of_the_account_that_they_began_gets_another_and_not_that_one()
    {
        var account = await fixture.AccountAsync();
        await fixture.BringInAsync(account, Bob, MemberRole.Owner);
        (await fixture.Members.RemoveAsync(account.Id, Ann.Id, Cancel)).Value();

        var again = await fixture.Begin.RunAsync(Ann, Cancel);

        Assert.NotEqual(account.Id, again.Account.Id);
        Assert.Null(await fixture.Members.FindAsync(account.Id, Ann.Id, Cancel));
    }

    [Fact]
    public async Task Terms_are_accepted_with_a_date_that_stays()
    {
        await fixture.People.AcceptTermsAsync(Ann, "1", Cancel);
        fixture.Clock.Advance(TimeSpan.FromDays(1));
        await fixture.People.AcceptTermsAsync(Ann, "1", Cancel);
        var first = (await fixture.People.FindAsync(Ann.Id, Cancel))!;
        await fixture.People.AcceptTermsAsync(Ann, "2", Cancel);
        var second = (await fixture.People.FindAsync(Ann.Id, Cancel))!;

        Assert.Equal(("1", Sample.Now), (first.TermsVersion, first.TermsAcceptedAt));
        Assert.Equal(("2", Sample.Now.AddDays(1)), (second.TermsVersion, second.TermsAcceptedAt));
    }
}
