using ServerlessImages.Storage;

namespace ServerlessImages.Accounts;

/// <summary>The table <c>accounts</c>: PartitionKey is the account id, RowKey is <c>A</c>. Beside them is the <see cref="AccountIndex"/>.</summary>
/// <remarks>Read through a cache of 30 s: a change of plan takes at most that long to reach every instance.</remarks>
public sealed class AccountDirectory(ITableStore store, PlanCatalog plans, TimeProvider clock)
{
    private const string RowKey = "A";
    private static readonly TimeSpan CachedFor = TimeSpan.FromSeconds(30);
    private readonly ExpiringCache<Account> cache = new(clock, entriesMax: 10_000);
    private readonly AccountIndex index = new(store);

    /// <returns>The account, or null: also for a text that is no id.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<Account?> FindAsync(string id, CancellationToken cancel)
    {
        if (!Account.IsId(id)) return null;
        if (cache.TryGet(id, out var cached)) return cached;
        if (await store.FindAsync(TableNames.Accounts, id, RowKey, cancel) is not { } row) return null;

        var account = From(row);
        cache.Set(id, account, CachedFor);
        return account;
    }

    /// <summary>Opens an account. Opening the same id again changes nothing.</summary>
    public async Task<Account> OpenAsync(Account account, CancellationToken cancel)
    {
        if (!plans.Has(account.Plan)) throw new ArgumentException($"There is no plan {account.Plan}.", nameof(account));

        await index.AddAsync(account.Id, [account.Name], cancel);
        await store.CommitAsync(TableNames.Accounts, account.Id, [RowWrite.Insert(RowKey, ToColumns(account))], cancel);
        return await FindAsync(account.Id, cancel) ?? throw new StoreUnavailableException($"The account {account.Id} was written and cannot be read.");
    }

    /// <summary>Notes that an account is closed. Closing again keeps the first time.</summary>
    /// <returns>The account, or null if there is none.</returns>
    /// <exception cref="WriteFateUnknownException">It may or may not be closed; close it again.</exception>
    public async Task<Account?> CloseAsync(string id, CancellationToken cancel)
    {
        while (Account.IsId(id) && await store.FindAsync(TableNames.Accounts, id, RowKey, cancel) is { } row)
        {
            var account = From(row);
            if (account.ClosedAt is not null) return account;
            var closed = account with { ClosedAt = clock.GetUtcNow() };
            if (!(await store.CommitAsync(TableNames.Accounts, id, [RowWrite.Replace(RowKey, ToColumns(closed), row.ETag)], cancel)).Applied) continue;
            cache.Remove(id);
            return closed;
        }

        return null;
    }

    /// <summary>Puts an account on another plan. Calling again changes nothing.</summary>
    /// <returns>The account as it is then, or null if there is none.</returns>
    /// <exception cref="WriteFateUnknownException">It may or may not be on the plan; change it again.</exception>
    public async Task<Account?> ChangePlanAsync(string id, string plan, CancellationToken cancel)
    {
        if (!plans.Has(plan)) throw new ArgumentException($"There is no plan {plan}.", nameof(plan));

        while (Account.IsId(id) && await store.FindAsync(TableNames.Accounts, id, RowKey, cancel) is { } row)
        {
            var changed = From(row) with { Plan = plan };
            if (!(await store.CommitAsync(TableNames.Accounts, id, [RowWrite.Replace(RowKey, ToColumns(changed), row.ETag)], cancel)).Applied) continue;
            cache.Remove(id);
            return changed;
        }

        return null;
    }

    public Plan PlanOf(Account account) => plans.Get(account.Plan);

    private static Columns ToColumns(Account account) => new()
    {
        { nameof(Account.Name), account.Name },
        { nameof(Account.Plan), account.Plan },
        { nameof(Account.Created), account.Created.ToUnixTimeMilliseconds() },
        { nameof(Account.ClosedAt), account.ClosedAt?.ToUnixTimeMilliseconds() ?? 0 },
    };

    private static Account From(Row row) => new(
        row.Partition,
        row.Columns.Text(nameof(Account.Name)),
        row.Columns.Text(nameof(Account.Plan)),
        DateTimeOffset.FromUnixTimeMilliseconds(row.Columns.Integer(nameof(Account.Created))))
    {
        ClosedAt = row.Columns.Integer(nameof(Account.ClosedAt)) is > 0 and var at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null,
    };
}
