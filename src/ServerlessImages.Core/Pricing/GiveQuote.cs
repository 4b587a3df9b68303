using ServerlessImages.Images;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Pricing;

/// <summary>Gives a quote; under an Idempotency-Key the same one again, for as long as it is valid.</summary>
public sealed class GiveQuote(Quotes quotes, ITableStore store, TimeProvider clock)
{
    /// <summary>Each round that fails met another writer, or a write whose fate nobody told.</summary>
    private const int RoundsMax = 5;

    /// <returns>Or what <see cref="Quotes.PriceAsync"/> says, or <c>unknown_parameter</c>, <c>idempotency_key_reused</c>, <c>storage_unavailable</c>.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<Result<GivenQuote>> RunAsync(Caller caller, ImageOrder order, CancellationToken cancel)
    {
        // A quote of a quote would keep an old price for ever.
        if (order.QuoteId is not null) return ApiError.UnknownParameter("quote_id");
        if (!(await quotes.PriceAsync(caller, order, cancel)).TryGet(out var priced, out var error)) return error;

        var given = new GivenQuote(priced, quotes.Sign(caller, priced));
        return order.IdempotencyKey is { } key ? await KeepAsync(caller, order, LedgerRows.Quote(IdempotencyClaim.HashOf(key)), given, cancel) : given;
    }

    private async Task<Result<GivenQuote>> KeepAsync(Caller caller, ImageOrder order, string key, GivenQuote given, CancellationToken cancel)
    {
        for (var round = 0; round < RoundsMax; round++)
        {
            var row = await store.FindAsync(TableNames.Ledger, caller.Partition.Key, key, cancel);
            if (row is not null && ExpiresAt(row) > clock.GetUtcNow()) return await EarlierAsync(caller, order, row, cancel);
            if (await TryKeepAsync(caller.Partition, key, row, given, cancel)) return given;
        }

        return ApiError.StorageUnavailable with { Cause = "A quote's key could not be written." };
    }

    private async Task<Result<GivenQuote>> EarlierAsync(Caller caller, ImageOrder order, Row row, CancellationToken cancel)
    {
        var signed = new SignedQuote(row.Columns.Text(nameof(SignedQuote.Id)), ExpiresAt(row));
        var priced = await quotes.PriceAsync(caller, order with { QuoteId = signed.Id }, cancel);
        return priced.TryGet(out var same, out var error) ? new GivenQuote(same, signed) : error.Code == ApiError.InvalidQuote.Code ? ApiError.IdempotencyKeyReused : error;
    }

    private async Task<bool> TryKeepAsync(LedgerPartition partition, string key, Row? expired, GivenQuote given, CancellationToken cancel)
    {
        var columns = new Columns { { nameof(SignedQuote.Id), given.Signed.Id }, { nameof(SignedQuote.ExpiresAt), given.Signed.ExpiresAt.ToUnixTimeSeconds() } };
        var write = expired is null ? RowWrite.Insert(key, columns) : RowWrite.Replace(key, columns, expired.ETag);
        try
        {
            return (await store.CommitAsync(TableNames.Ledger, partition.Key, [write], cancel)).Applied;
        }
        catch (WriteFateUnknownException)
        {
            // The next round reads what became of it.
            return false;
        }
    }

    private static DateTimeOffset ExpiresAt(Row row) => DateTimeOffset.FromUnixTimeSeconds(row.Columns.Integer(nameof(SignedQuote.ExpiresAt)));
}

public sealed record GivenQuote(PricedOrder Priced, SignedQuote Signed);
