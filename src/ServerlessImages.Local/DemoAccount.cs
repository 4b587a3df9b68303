using ServerlessImages.Accounts;
using ServerlessImages.Keys;
using ServerlessImages.Local.Identity;
using ServerlessImages.Members;

namespace ServerlessImages.Local;

/// <summary>The account that everybody starts with: the plan <c>standard</c>, no credit yet, and a key that stays the same from run to run.</summary>
internal static class DemoAccount
{
    public const string Id = "acct_demo";

    /// <summary>Whom the provider of this machine calls the customer.</summary>
    private static Person Owner => new(Person.IdOf(IdentityEmulator.Issuer.AbsoluteUri, DemoPerson.Customer.Subject), DemoPerson.Customer.Email, DemoPerson.Customer.Name);

    /// <returns>The key's text.</returns>
    public static async Task<string> EnsureAsync(IServiceProvider services, LocalSecrets secrets, string folder, CancellationToken cancel)
    {
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        await services.GetRequiredService<AccountDirectory>().OpenAsync(new Account(Id, "Demo", "standard", now), cancel);
        await services.GetRequiredService<MemberDirectory>().AddFirstAsync(Id, Owner, cancel);
        if (secrets.DemoKey is { } known && (await services.GetRequiredService<Authenticate>().RunAsync(known, from: null, cancel)).TryGet(out _, out _)) return known;

        var minted = await services.GetRequiredService<MintApiKey>().RunAsync(Id, Scope.All, cancel);
        (secrets with { DemoKey = minted.Text }).Save(folder);
        return minted.Text;
    }
}
