using Microsoft.Extensions.Time.Testing;
using ServerlessImages.Accounts;
using ServerlessImages.Members;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Members;

/// <summary>People and accounts over one store.</summary>
internal sealed class MembersFixture
{
    public MembersFixture(ITableStore? store = null) => Store = new StoreLimits(store ?? new InMemoryTableStore());

    public static Person Ann { get; } = PersonOf("ann");
    public static Person Bob { get; } = PersonOf("bob");

    public ITableStore Store { get; }
    public FakeTimeProvider Clock { get; } = Sample.Clock();
    public SeededEntropy Entropy { get; } = new();
    public People People => new(Store, Clock);
    public AccountDirectory Accounts => new(Store, PlanCatalog.Parse(PlanCatalog.ShippedJson), Clock);
    public MemberDirectory Members => new(Store, Accounts, Clock);
    public Invitations Invitations => new(Store, Members, Accounts, Entropy, Clock);
    public BeginAccount Begin => new(People, Members, Accounts, Entropy, Clock);

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static Person PersonOf(string name) => new(Person.IdOf("https://id.example.com", name), name + "@example.com", name);

    /// <summary>The account of Ann.</summary>
    public async Task<Account> AccountAsync() => (await Begin.RunAsync(Ann, Cancel)).Account;

    /// <summary>Somebody comes in by a link.</summary>
    public async Task<Member> BringInAsync(Account account, Person person, MemberRole role)
    {
        var (_, token) = (await Invitations.InviteAsync(account, role, Ann.Id, Cancel)).Value();
        return (await Invitations.AcceptAsync(token, person, Cancel)).Value();
    }
}
