using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Members;
using ServerlessImages.Webhooks;

namespace ServerlessImages.Accounts;

/// <summary>Ends all by which somebody reaches an account, or is reached by it: its keys, invitations, members and endpoints. Doing it again goes on, and changes nothing that is done.</summary>
public sealed class EndAccess(KeyList list, RevokeApiKey revoke, Invitations invitations, MemberDirectory members, WebhookDirectory webhooks, PendingDeliveries endpoints)
{
    private const int KeysPerPage = 100;

    /// <exception cref="LedgerUnavailableException">Some of it may be left: end it again.</exception>
    /// <exception cref="Storage.WriteFateUnknownException">As above.</exception>
    /// <exception cref="Storage.StoreUnavailableException">As above.</exception>
    public async Task RunAsync(string accountId, CancellationToken cancel)
    {
        var live = new LedgerPartition(accountId, Livemode: true);
        foreach (var partition in (LedgerPartition[])[live, live with { Livemode = false }])
        {
            await RevokeAllAsync(partition, cancel);
            foreach (var endpoint in await endpoints.EndpointsAsync(partition, cancel)) await webhooks.DeleteAsync(partition, endpoint.Id, cancel);
        }

        // The links before the people: nobody comes back in by one.
        await invitations.WithdrawAllAsync(accountId, cancel);
        await members.RemoveAllAsync(accountId, cancel);
    }

    private async Task RevokeAllAsync(LedgerPartition partition, CancellationToken cancel)
    {
        for (var page = await PageAsync(); page.Keys.Count > 0; page = await PageAsync())
        {
            foreach (var seen in page.Keys) await revoke.RunAsync(partition, seen.Key.Id, cancel);
        }

        // Revoked ones leave the list, so that the first page is always the next.
        Task<KeyPage> PageAsync() => list.PageAsync(partition, revoked: false, after: null, KeysPerPage, cancel);
    }
}
