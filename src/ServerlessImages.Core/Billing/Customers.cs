using System.Globalization;
using ServerlessImages.Accounts;
using ServerlessImages.Storage;

namespace ServerlessImages.Billing;

/// <summary>
/// Which customer of the collector's an account is: the partition <c>customers</c> of the table <c>billing</c>. RowKey is the account; <c>Begun</c>, in Unix
/// milliseconds, says since when it is being created, and <c>Customer</c> is its id once it is known.
/// </summary>
/// <remarks>An account is one customer, whatever crashes: the row is written first, and creating again under the same key gives the same customer.</remarks>
public sealed class Customers(ITableStore store, IPaymentCollector collector, TimeProvider clock)
{
    private const string Partition = "customers";
    private const string Customer = nameof(Customer);
    private const string Begun = nameof(Begun);

    /// <summary>The collector repeats its answer to a key for a day, also when it was a failure. After this time the search knows the customer, if there is one.</summary>
    private static readonly TimeSpan SearchAfter = TimeSpan.FromHours(1);

    /// <returns>Null if the account never bought anything.</returns>
    public async Task<string?> FindAsync(string accountId, CancellationToken cancel) =>
        await store.FindAsync(TableNames.Billing, Partition, accountId, cancel) is { } row ? IdOf(row) : null;

    public async Task<string> EnsureAsync(Account account, CancellationToken cancel)
    {
        var row = await BeginAsync(account.Id, cancel);
        if (IdOf(row) is { } known) return known;

        if (clock.GetUtcNow() - BegunAt(row) > SearchAfter)
        {
            if (await collector.FindCustomerAsync(account.Id, cancel) is { } found) return await KeepAsync(row, found, cancel);
            row = await BeginAgainAsync(row, cancel);
            if (IdOf(row) is { } meanwhile) return meanwhile;
        }

        var key = string.Create(CultureInfo.InvariantCulture, $"customer-{account.Id}-{row.Columns.Integer(Begun)}");
        return await KeepAsync(row, await collector.CreateCustomerAsync(account.Id, account.Name, key, cancel), cancel);
    }

    private async Task<Row> BeginAsync(string accountId, CancellationToken cancel)
    {
        if (await store.FindAsync(TableNames.Billing, Partition, accountId, cancel) is { } row) return row;
        await store.CommitAsync(TableNames.Billing, Partition, [RowWrite.Insert(accountId, Now())], cancel);
        return await ReadAsync(accountId, cancel);
    }

    private async Task<Row> BeginAgainAsync(Row row, CancellationToken cancel)
    {
        await store.CommitAsync(TableNames.Billing, Partition, [RowWrite.Replace(row.Key, Now(), row.ETag)], cancel);
        return await ReadAsync(row.Key, cancel);
    }

    /// <returns>The id that is kept: another instance's, if that was first.</returns>
    private async Task<string> KeepAsync(Row row, string customerId, CancellationToken cancel)
    {
        var columns = new Columns { { Begun, row.Columns.Integer(Begun) }, { Customer, customerId } };
        var kept = await store.CommitAsync(TableNames.Billing, Partition, [RowWrite.Replace(row.Key, columns, row.ETag)], cancel);
        return kept.Applied ? customerId : IdOf(await ReadAsync(row.Key, cancel)) ?? throw new StoreUnavailableException($"The customer of {row.Key} is being created elsewhere.");
    }

    private async Task<Row> ReadAsync(string accountId, CancellationToken cancel) =>
        await store.FindAsync(TableNames.Billing, Partition, accountId, cancel) ?? throw new StoreUnavailableException($"The customer of {accountId} was written and cannot be read.");

    private Columns Now() => new() { { Begun, clock.GetUtcNow().ToUnixTimeMilliseconds() } };

    private static DateTimeOffset BegunAt(Row row) => DateTimeOffset.FromUnixTimeMilliseconds(row.Columns.Integer(Begun));

    private static string? IdOf(Row row) => row.Columns.Text(Customer) is { Length: > 0 } id ? id : null;
}
