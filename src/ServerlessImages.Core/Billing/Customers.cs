using System.Globalization;
using ServerlessImages.Accounts;
using ServerlessImages.Storage;

namespace ServerlessImages.Billing;

/// <summary>
/// Which customer of the collector's an account is: the partition <c>customers</c> of the table <c>billing</c>. RowKey is the account; <c>Begun</c>, in Unix
/// milliseconds, says since when it is being created, <c>Customer</c> is its id once it is known, and <c>Former</c> are the ids that it had before, with spaces.
/// </summary>
/// <remarks>
/// An account is one customer, whatever crashes: the row is written first, and creating again under the same key gives the same customer. One that was deleted at
/// the collector's is replaced when it is next needed; what it had paid is still the account's.
/// </remarks>
public sealed class Customers(ITableStore store, IPaymentCollector collector, TimeProvider clock)
{
    private const string Partition = "customers";
    private const string Customer = nameof(Customer);
    private const string Begun = nameof(Begun);
    private const string Former = nameof(Former);

    /// <summary>No longer is a customer created under the same key: a process that stood still meanwhile does not, since another may have begun anew.</summary>
    private static readonly TimeSpan CreatedFor = TimeSpan.FromMinutes(30);

    /// <summary>
    /// The collector repeats its answer to a key for a day, also when it was a failure. After this time nobody has used the key since <see cref="CreatedFor"/>,
    /// although two clocks differ by minutes, and the search knows the customer, if there is one.
    /// </summary>
    private static readonly TimeSpan SearchAfter = TimeSpan.FromHours(1);

    /// <returns>Null if the account never bought anything.</returns>
    public async Task<string?> FindAsync(string accountId, CancellationToken cancel) =>
        await store.FindAsync(TableNames.Billing, Partition, accountId, cancel) is { } row ? IdOf(row) : null;

    public async Task<bool> IsOrWasAsync(string accountId, string customerId, CancellationToken cancel) =>
        await store.FindAsync(TableNames.Billing, Partition, accountId, cancel) is { } row && (IdOf(row) == customerId || FormerOf(row).Contains(customerId));

    /// <summary>The customer that an account is, and those that it was before.</summary>
    public async Task<IReadOnlyList<string>> AllOfAsync(string accountId, CancellationToken cancel)
    {
        if (await store.FindAsync(TableNames.Billing, Partition, accountId, cancel) is not { } row) return [];
        return IdOf(row) is { } current ? [.. FormerOf(row), current] : FormerOf(row);
    }

    /// <exception cref="CollectorUnavailableException">It cannot be said now; ask again.</exception>
    public async Task<string> EnsureAsync(Account account, CancellationToken cancel)
    {
        var row = await BeginAsync(account.Id, cancel);
        if (IdOf(row) is { } known)
        {
            if (await collector.HasCustomerAsync(known, cancel)) return known;
            row = await BeginAgainAsync(row, cancel);
        }
        else if (AgeOf(row) >= SearchAfter)
        {
            if (await collector.FindCustomerAsync(account.Id, cancel) is { } found && !FormerOf(row).Contains(found)) return await KeepAsync(row, found, cancel);
            row = await BeginAgainAsync(row, cancel);
        }

        if (IdOf(row) is { } meanwhile) return meanwhile;
        if (AgeOf(row) >= CreatedFor) throw BeingCreated(account.Id);
        var key = string.Create(CultureInfo.InvariantCulture, $"customer-{account.Id}-{FormerOf(row).Length}-{row.Columns.Integer(Begun)}");
        return await KeepAsync(row, await collector.CreateCustomerAsync(account.Id, account.Name, key, cancel), cancel);
    }

    private async Task<Row> BeginAsync(string accountId, CancellationToken cancel)
    {
        if (await store.FindAsync(TableNames.Billing, Partition, accountId, cancel) is { } row) return row;
        await store.CommitAsync(TableNames.Billing, Partition, [RowWrite.Insert(accountId, Now(former: ""))], cancel);
        return await ReadAsync(accountId, cancel);
    }

    private async Task<Row> BeginAgainAsync(Row row, CancellationToken cancel)
    {
        var former = string.Join(' ', IdOf(row) is { } last ? [.. FormerOf(row), last] : FormerOf(row));
        await store.CommitAsync(TableNames.Billing, Partition, [RowWrite.Replace(row.Key, Now(former), row.ETag)], cancel);
        return await ReadAsync(row.Key, cancel);
    }

    /// <returns>The id that is kept: another instance's, if that was first.</returns>
    private async Task<string> KeepAsync(Row row, string customerId, CancellationToken cancel)
    {
        var columns = new Columns { { Begun, row.Columns.Integer(Begun) }, { Customer, customerId }, { Former, row.Columns.Text(Former) } };
        var kept = await store.CommitAsync(TableNames.Billing, Partition, [RowWrite.Replace(row.Key, columns, row.ETag)], cancel);
        return kept.Applied ? customerId : IdOf(await ReadAsync(row.Key, cancel)) ?? throw BeingCreated(row.Key);
    }

    private async Task<Row> ReadAsync(string accountId, CancellationToken cancel) =>
        await store.FindAsync(TableNames.Billing, Partition, accountId, cancel) ?? throw new StoreUnavailableException($"The customer of {accountId} was written and cannot be read.");

    private Columns Now(string former) => new() { { Begun, clock.GetUtcNow().ToUnixTimeMilliseconds() }, { Former, former } };

    private TimeSpan AgeOf(Row row) => clock.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(row.Columns.Integer(Begun));

    private static CollectorUnavailableException BeingCreated(string accountId) => new($"The customer of {accountId} is being created elsewhere.");

    private static string? IdOf(Row row) => row.Columns.Text(Customer) is { Length: > 0 } id ? id : null;

    private static string[] FormerOf(Row row) => row.Columns.Text(Former).Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
