using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using ServerlessImages.Accounts;
using ServerlessImages.Storage;

namespace ServerlessImages.Members;

/// <summary>Who may come into an account. The secret is in the link alone: the store keeps its hash.</summary>
/// <param name="Id"><c>inv_…</c></param>
/// <param name="InvitedBy">The person.</param>
public sealed record Invitation(string Id, string AccountId, MemberRole Role, string InvitedBy, DateTimeOffset ExpiresAt);

/// <summary>Brings people into an account by a link: once, and for seven days. Whoever has the link may use it; so it is shown to the one who invites, and to nobody else.</summary>
/// <remarks>The rows are in the account's partition: <see cref="MemberDirectory"/>.</remarks>
public sealed class Invitations(ITableStore store, MemberDirectory members, AccountDirectory accounts, IEntropy entropy, TimeProvider clock)
{
    private const string RowStart = "V|";
    private const string RowsEnd = "V}";
    private const string Hash = nameof(Hash);
    private const int OpenMax = 50;
    private const int SecretBytes = 32;
    private static readonly TimeSpan GoodFor = TimeSpan.FromDays(7);

    /// <returns>The invitation, and the text for the link; or <c>too_many_invitations</c>.</returns>
    /// <exception cref="WriteFateUnknownException">There may be one whose link nobody has.</exception>
    public async Task<Result<(Invitation Invitation, string Token)>> InviteAsync(Account account, MemberRole role, string invitedBy, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        if ((await ListAsync(account.Id, cancel)).Count >= OpenMax) return ApiError.TooManyInvitations(OpenMax);

        var secret = new byte[SecretBytes];
        entropy.Fill(secret);
        var invitation = new Invitation(entropy.NextId("inv_", now), account.Id, role, invitedBy, now + GoodFor);
        await store.CommitAsync(TableNames.Accounts, account.Id, [RowWrite.Insert(RowStart + invitation.Id, ToColumns(invitation, HashOf(secret)))], cancel);
        return (invitation, $"{account.Id}.{invitation.Id}.{Base64Url.EncodeToString(secret)}");
    }

    /// <summary>Those that can still be used.</summary>
    public async Task<IReadOnlyList<Invitation>> ListAsync(string accountId, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var rows = await store.RangeAsync(TableNames.Accounts, accountId, RowStart, RowsEnd, 2 * OpenMax, cancel);
        foreach (var old in rows.Where(row => From(row).ExpiresAt <= now)) await store.CommitAsync(TableNames.Accounts, accountId, [RowWrite.Delete(old.Key, old.ETag)], cancel);
        return [.. rows.Select(From).Where(each => each.ExpiresAt > now)];
    }

    /// <summary>What a link leads to, before it is used.</summary>
    /// <returns>Or <c>invitation_not_valid</c>: wrong, used, taken back or over, or its account is closed.</returns>
    public async Task<Result<(Invitation Invitation, Account Account)>> FindAsync(string token, CancellationToken cancel)
    {
        if (await RowAsync(token, cancel) is not { } row || await accounts.FindAsync(row.Partition, cancel) is not { } account) return ApiError.InvitationNotValid;
        return (From(row), account);
    }

    /// <summary>Makes the person a member, once. Who is one already stays what they are, and the link stays good for somebody else.</summary>
    /// <returns>Or <c>invitation_not_valid</c>, <c>too_many_members</c>.</returns>
    /// <exception cref="WriteFateUnknownException">They may or may not be a member; come again with the same link.</exception>
    public async Task<Result<Member>> AcceptAsync(string token, Person person, CancellationToken cancel)
    {
        if (await RowAsync(token, cancel) is { } row) return await members.AddAsync(row.Partition, person, From(row).Role, RowWrite.Delete(row.Key, row.ETag), cancel);

        // Whose answer was lost comes again, and is in.
        return token.Split('.') is [var accountId, _, _] && Account.IsId(accountId) && await members.FindAsync(accountId, person.Id, cancel) is { } member ? member : ApiError.InvitationNotValid;
    }

    /// <summary>Takes an invitation back. Calling again changes nothing.</summary>
    public async Task WithdrawAsync(string accountId, string invitationId, CancellationToken cancel)
    {
        if (IsId(invitationId) && await store.FindAsync(TableNames.Accounts, accountId, RowStart + invitationId, cancel) is { } row)
        {
            await store.CommitAsync(TableNames.Accounts, accountId, [RowWrite.Delete(row.Key, row.ETag)], cancel);
        }
    }

    /// <summary>Takes all of an account's back.</summary>
    public async Task WithdrawAllAsync(string accountId, CancellationToken cancel)
    {
        foreach (var invitation in await ListAsync(accountId, cancel)) await WithdrawAsync(accountId, invitation.Id, cancel);
    }

    private async Task<Row?> RowAsync(string token, CancellationToken cancel)
    {
        if (token.Split('.') is not [var accountId, var id, var text] || !Account.IsId(accountId) || !IsId(id) || !Base64Url.IsValid(text) || text.Length > 64) return null;
        if (await store.FindAsync(TableNames.Accounts, accountId, RowStart + id, cancel) is not { } row || await accounts.FindAsync(accountId, cancel) is not { ClosedAt: null }) return null;
        var isRight = CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(row.Columns.Text(Hash)), Encoding.ASCII.GetBytes(HashOf(Base64Url.DecodeFromChars(text))));
        return isRight && From(row).ExpiresAt > clock.GetUtcNow() ? row : null;
    }

    private static bool IsId(string text) => text.StartsWith("inv_", StringComparison.Ordinal) && text.Length <= 64 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_');

    private static string HashOf(byte[] secret) => Convert.ToHexStringLower(SHA256.HashData(secret));

    private static Columns ToColumns(Invitation invitation, string hash) => new()
    {
        { nameof(Invitation.Role), invitation.Role.ToString() },
        { nameof(Invitation.InvitedBy), invitation.InvitedBy },
        { nameof(Invitation.ExpiresAt), invitation.ExpiresAt.ToUnixTimeMilliseconds() },
        { Hash, hash },
    };

    private static Invitation From(Row row) => new(
        row.Key[RowStart.Length..],
        row.Partition,
        Enum.Parse<MemberRole>(row.Columns.Text(nameof(Invitation.Role))),
        row.Columns.Text(nameof(Invitation.InvitedBy)),
        DateTimeOffset.FromUnixTimeMilliseconds(row.Columns.Integer(nameof(Invitation.ExpiresAt))));
}
