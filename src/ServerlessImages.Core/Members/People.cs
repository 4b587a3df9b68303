using ServerlessImages.Storage;

namespace ServerlessImages.Members;

/// <summary>
/// Who has signed in: the table <c>accounts</c>, PartitionKey is the person's id; RowKey is <c>P</c> for what is known of the person, and <c>M|{account}</c> for
/// an account that they may be a member of (<see cref="MemberDirectory"/> says whether they are).
/// </summary>
public sealed class People(ITableStore store, TimeProvider clock)
{
    private const string RowKey = "P";

    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<KnownPerson?> FindAsync(string id, CancellationToken cancel) =>
        await store.FindAsync(TableNames.Accounts, id, RowKey, cancel) is { } row ? From(row) : null;

    /// <summary>Notes that a person accepts the terms of a version, now. Accepting the same again keeps the first time.</summary>
    /// <exception cref="WriteFateUnknownException">It may or may not be noted; accept again.</exception>
    public Task<KnownPerson> AcceptTermsAsync(Person person, string version, CancellationToken cancel) =>
        ChangeAsync(person, known => known.TermsVersion == version ? known : known with { TermsVersion = version, TermsAcceptedAt = clock.GetUtcNow() }, cancel);

    /// <summary>Notes which account is made for a person, unless one is noted that <paramref name="isGone"/> does not say of that it is gone.</summary>
    /// <returns>The account's id: of the first who noted one.</returns>
    internal async Task<string> BeginAccountAsync(Person person, string accountId, Func<string, bool> isGone, CancellationToken cancel) =>
        (await ChangeAsync(person, known => known.FirstAccount.Length == 0 || isGone(known.FirstAccount) ? known with { FirstAccount = accountId } : known, cancel)).FirstAccount;

    private async Task<KnownPerson> ChangeAsync(Person person, Func<KnownPerson, KnownPerson> change, CancellationToken cancel)
    {
        while (true)
        {
            var row = await store.FindAsync(TableNames.Accounts, person.Id, RowKey, cancel);
            var before = row is null ? new KnownPerson(person, "", null, "") : From(row);
            var after = change(before with { Person = person });
            if (row is not null && after == before) return before;
            var write = row is null ? RowWrite.Insert(RowKey, ToColumns(after)) : RowWrite.Replace(RowKey, ToColumns(after), row.ETag);
            if ((await store.CommitAsync(TableNames.Accounts, person.Id, [write], cancel)).Applied) return after;
        }
    }

    private static Columns ToColumns(KnownPerson known) => new()
    {
        { nameof(Person.Email), known.Person.Email },
        { nameof(Person.Name), known.Person.Name },
        { nameof(KnownPerson.TermsVersion), known.TermsVersion },
        { nameof(KnownPerson.TermsAcceptedAt), known.TermsAcceptedAt?.ToUnixTimeMilliseconds() ?? 0 },
        { nameof(KnownPerson.FirstAccount), known.FirstAccount },
    };

    private static KnownPerson From(Row row)
    {
        var columns = row.Columns;
        var accepted = columns.Integer(nameof(KnownPerson.TermsAcceptedAt));
        return new KnownPerson(
            new Person(row.Partition, columns.Text(nameof(Person.Email)), columns.Text(nameof(Person.Name))),
            columns.Text(nameof(KnownPerson.TermsVersion)),
            accepted == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(accepted),
            columns.Text(nameof(KnownPerson.FirstAccount)));
    }
}
