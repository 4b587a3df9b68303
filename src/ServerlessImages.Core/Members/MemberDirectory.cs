using ServerlessImages.Accounts;
using ServerlessImages.Storage;

namespace ServerlessImages.Members;

/// <summary>
/// Who is a member of which account: the table <c>accounts</c>. In the account's partition, RowKey is one of
/// <list type="bullet">
/// <item><c>M|{person}</c>: a member. This is what counts.</item>
/// <item><c>O</c>: how many owners there are. Every transaction that changes members replaces it under its ETag, so that no two of them take the last owner away.</item>
/// <item><c>V|{invitation}</c>: an <see cref="Invitation"/>, until it is used or taken back.</item>
/// </list>
/// In the person's partition <c>M|{account}</c> points there. It is written before the member and proves nothing.
/// </summary>
public sealed class MemberDirectory(ITableStore store, AccountDirectory accounts, TimeProvider clock)
{
    /// <summary>Of one account, and accounts of one person.</summary>
    public const int MembersMax = 100;

    private const string MemberStart = "M|";
    private const string MembersEnd = "M}";
    private const string OwnersKey = "O";
    private const string Owners = nameof(Owners);

    /// <summary>Tries in a row that others came before.</summary>
    private const int TriesMax = 20;

    private readonly AccountIndex index = new(store);

    /// <returns>Null if the person is no member.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<Member?> FindAsync(string accountId, string personId, CancellationToken cancel) =>
        await store.FindAsync(TableNames.Accounts, accountId, MemberStart + personId, cancel) is { } row ? From(row) : null;

    public async Task<IReadOnlyList<Member>> MembersAsync(string accountId, CancellationToken cancel) =>
        [.. (await store.RangeAsync(TableNames.Accounts, accountId, MemberStart, MembersEnd, MembersMax, cancel)).Select(From)];

    /// <summary>The accounts of a person, by name.</summary>
    public async Task<IReadOnlyList<Membership>> AccountsAsync(string personId, CancellationToken cancel)
    {
        var pointers = await store.RangeAsync(TableNames.Accounts, personId, MemberStart, MembersEnd, MembersMax, cancel);
        var found = await Task.WhenAll(pointers.Select(row => MembershipAsync(row.Key[MemberStart.Length..])));
        return [.. found.OfType<Membership>().OrderBy(each => each.Account.Name, StringComparer.OrdinalIgnoreCase)];

        async Task<Membership?> MembershipAsync(string accountId) =>
            await FindAsync(accountId, personId, cancel) is { } member && await accounts.FindAsync(accountId, cancel) is { } account ? new Membership(account, member.Role) : null;
    }

    /// <summary>Adds the first member of an account, its owner: once ever.</summary>
    /// <returns>Null if the account had members before, and the person is not among them.</returns>
    public async Task<Member?> AddFirstAsync(string accountId, Person person, CancellationToken cancel)
    {
        await PointAsync(accountId, person, cancel);
        var owner = new Member(person, MemberRole.Owner, clock.GetUtcNow());
        RowWrite[] writes = [RowWrite.Insert(OwnersKey, new Columns { { Owners, 1 } }), RowWrite.Insert(MemberStart + person.Id, ToColumns(owner))];
        return (await store.CommitAsync(TableNames.Accounts, accountId, writes, cancel)).Applied ? owner : await FindAsync(accountId, person.Id, cancel);
    }

    /// <summary>Adds a member, in one transaction with what brings them. Who is one already keeps the role.</summary>
    /// <param name="with">What has to hold for it: a row that is deleted with it.</param>
    /// <returns>Or <c>too_many_members</c>; <c>invitation_not_valid</c> if that row is not there any more.</returns>
    internal async Task<Result<Member>> AddAsync(string accountId, Person person, MemberRole role, RowWrite? with, CancellationToken cancel)
    {
        await PointAsync(accountId, person, cancel);
        return await ChangeAsync<Member>(accountId, async owners =>
        {
            var members = await MembersAsync(accountId, cancel);
            if (members.FirstOrDefault(each => each.Person.Id == person.Id) is { } there) return there;
            if (members.Count >= MembersMax) return ApiError.TooManyMembers(MembersMax);
            var member = new Member(person, role, clock.GetUtcNow());
            var insert = RowWrite.Insert(MemberStart + person.Id, ToColumns(member));
            return new Change<Member>(member, with is null ? [insert] : [insert, with], owners + (role == MemberRole.Owner ? 1 : 0));
        }, cancel);
    }

    /// <summary>Gives a member another role. Calling again changes nothing.</summary>
    /// <returns>Or <c>member_not_found</c>, <c>last_owner</c>.</returns>
    public Task<Result<Member>> SetRoleAsync(string accountId, string personId, MemberRole role, CancellationToken cancel) => ChangeAsync<Member>(accountId, async owners =>
    {
        if (await store.FindAsync(TableNames.Accounts, accountId, MemberStart + personId, cancel) is not { } row) return ApiError.MemberNotFound;
        var member = From(row);
        if (member.Role == role) return member;
        var left = owners - (member.Role == MemberRole.Owner ? 1 : 0) + (role == MemberRole.Owner ? 1 : 0);
        return left == 0 ? ApiError.LastOwner : new Change<Member>(member with { Role = role }, [RowWrite.Replace(row.Key, ToColumns(member with { Role = role }), row.ETag)], left);
    }, cancel);

    /// <summary>Takes a member out.</summary>
    /// <returns>Or <c>member_not_found</c>, <c>last_owner</c>.</returns>
    public Task<Result<Member>> RemoveAsync(string accountId, string personId, CancellationToken cancel) => ChangeAsync<Member>(accountId, async owners =>
    {
        if (await store.FindAsync(TableNames.Accounts, accountId, MemberStart + personId, cancel) is not { } row) return ApiError.MemberNotFound;
        var member = From(row);
        var left = owners - (member.Role == MemberRole.Owner ? 1 : 0);
        return left == 0 ? ApiError.LastOwner : new Change<Member>(member, [RowWrite.Delete(row.Key, row.ETag)], left);
    }, cancel);

    /// <summary>Takes all members out, owners too: of an account that is closed. It never gets a first member again.</summary>
    /// <exception cref="StoreUnavailableException">Some may be left: call again.</exception>
    public async Task RemoveAllAsync(string accountId, CancellationToken cancel)
    {
        for (var members = await MembersAsync(accountId, cancel); members.Count > 0; members = await MembersAsync(accountId, cancel))
        {
            foreach (var member in members)
            {
                // What points here first: it is found by the member, and nothing finds it afterwards.
                if (await store.FindAsync(TableNames.Accounts, member.Person.Id, MemberStart + accountId, cancel) is { } pointer) await store.CommitAsync(TableNames.Accounts, member.Person.Id, [RowWrite.Delete(pointer.Key, pointer.ETag)], cancel);
                await ChangeAsync<Member>(accountId, async owners => await store.FindAsync(TableNames.Accounts, accountId, MemberStart + member.Person.Id, cancel) is { } row
                    ? new Change<Member>(member, [RowWrite.Delete(row.Key, row.ETag)], owners - (From(row).Role == MemberRole.Owner ? 1 : 0))
                    : member, cancel);
            }
        }
    }

    /// <summary>Lets an operator find an account by what its member is called now, and reached under. Calling again changes nothing.</summary>
    /// <exception cref="WriteFateUnknownException">It may or may not be found so.</exception>
    public Task NoteNameAsync(string accountId, Person person, CancellationToken cancel) => index.AddAsync(accountId, [person.Email, person.Name], cancel);

    private async Task PointAsync(string accountId, Person person, CancellationToken cancel)
    {
        await store.CommitAsync(TableNames.Accounts, person.Id, [RowWrite.Upsert(MemberStart + accountId, [])], cancel);
        await NoteNameAsync(accountId, person, cancel);
    }

    /// <summary>Reads, decides and writes until nobody came in between.</summary>
    /// <param name="decide">From how many owners there are.</param>
    private async Task<Result<T>> ChangeAsync<T>(string accountId, Func<long, Task<Decision<T>>> decide, CancellationToken cancel)
        where T : notnull
    {
        for (var attempt = 0; attempt < TriesMax; attempt++)
        {
            var guard = await store.FindAsync(TableNames.Accounts, accountId, OwnersKey, cancel);
            var decision = await decide(guard?.Columns.Integer(Owners) ?? 0);
            if (decision.Answer is { } answer) return answer;

            var columns = new Columns { { Owners, decision.Change!.OwnersAfter } };
            var lead = guard is null ? RowWrite.Insert(OwnersKey, columns) : RowWrite.Replace(OwnersKey, columns, guard.ETag);
            var result = await store.CommitAsync(TableNames.Accounts, accountId, [lead, .. decision.Change.Writes], cancel);
            if (result.Applied) return decision.Change.Value;

            // The invitation is the only row of others in it: once used, it is gone for good.
            if (result.WriteIndex > 1) return ApiError.InvitationNotValid;
        }

        throw new StoreUnavailableException($"The members of {accountId} could not be changed.");
    }

    private static Columns ToColumns(Member member) => new()
    {
        { nameof(Member.Role), member.Role.ToString() },
        { nameof(Person.Email), member.Person.Email },
        { nameof(Person.Name), member.Person.Name },
        { nameof(Member.Since), member.Since.ToUnixTimeMilliseconds() },
    };

    private static Member From(Row row) => new(
        new Person(row.Key[MemberStart.Length..], row.Columns.Text(nameof(Person.Email)), row.Columns.Text(nameof(Person.Name))),
        Enum.Parse<MemberRole>(row.Columns.Text(nameof(Member.Role))),
        DateTimeOffset.FromUnixTimeMilliseconds(row.Columns.Integer(nameof(Member.Since))));

    private sealed record Change<T>(T Value, RowWrite[] Writes, long OwnersAfter);

    /// <summary>What to write; or the answer, with nothing to write.</summary>
    private sealed record Decision<T>(Change<T>? Change, Result<T>? Answer)
        where T : notnull
    {
        public static implicit operator Decision<T>(Change<T> change) => new(change, null);

        public static implicit operator Decision<T>(T answer) => new(null, answer);

        public static implicit operator Decision<T>(ApiError error) => new(null, error);
    }
}
