using ServerlessImages.Accounts;

namespace ServerlessImages.Members;

/// <summary>Makes the account of somebody who signs in and is a member of none. Its first member is its owner. Doing it twice, also at once, makes one.</summary>
public sealed class BeginAccount(People people, MemberDirectory members, AccountDirectory accounts, IEntropy entropy, TimeProvider clock)
{
    private const string Plan = "standard";
    private const int NameCharactersMax = 200;

    /// <exception cref="Storage.WriteFateUnknownException">It may be begun; begin again, and it is the same one.</exception>
    public async Task<Membership> RunAsync(Person person, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var name = person.Shown.Length <= NameCharactersMax ? person.Shown : person.Shown[..NameCharactersMax];
        var gone = "";
        while (true)
        {
            // Its id is noted before it is made: a crash in between, or a second tab, goes on with the same one.
            var id = await people.BeginAccountAsync(person, entropy.NextId("acct_", now), isGone: noted => noted == gone, cancel);
            var account = await accounts.OpenAsync(new Account(id, name, Plan, now), cancel);
            if (account.ClosedAt is null && await members.AddFirstAsync(id, person, cancel) is { } owner) return new Membership(account, owner.Role);

            // It is closed, or others' by now: whoever was taken out of it does not come back in by signing in.
            gone = id;
        }
    }
}
