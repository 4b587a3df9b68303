using System.Collections.Concurrent;
using System.Diagnostics;
using ServerlessImages.Abuse;
using ServerlessImages.Events;
using ServerlessImages.Ledger.Writing;
using ServerlessImages.Storage;
using ServerlessImages.Traffic;

namespace ServerlessImages.Ledger;

/// <summary>The ledger of every account, as seen from one instance. Each change is one atomic transaction in the account's partition.</summary>
/// <remarks>
/// Changes take no cancellation token: once begun, their fate has to be known. They end at the latest when their patience does, with a
/// <see cref="LedgerUnavailableException"/>.
/// </remarks>
/// <param name="hints">Told of each transaction whose events somebody wants; null where nobody delivers them.</param>
/// <param name="traffic">Told of each request for real money that ended here; null where nobody counts them.</param>
public sealed class AccountLedger(ITableStore store, OpenPartitions open, TimeProvider clock, IEntropy entropy, IEventHints? hints = null, ITraffic? traffic = null)
{
    /// <summary>Writers are small and hold only a cached balance; beyond this many, idle ones are dropped.</summary>
    private const int WritersMax = 10_000;

    /// <summary>A caller waits for a hold.</summary>
    private static readonly TimeSpan HoldPatience = TimeSpan.FromSeconds(15);

    /// <summary>A partition that would make a caller wait longer than this sheds load: contended, it would collapse instead.</summary>
    private static readonly TimeSpan QueueWaitMax = TimeSpan.FromSeconds(2);

    /// <summary>An image is drawn and paid for upstream: closing its hold is worth waiting for.</summary>
    internal static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, PartitionWriter> writers = new(StringComparer.Ordinal);

    /// <summary>Sets the quote aside. The hold's own id is the request's id from then on.</summary>
    /// <returns>Or <c>insufficient_balance</c>, <c>account_in_debt</c>, <c>account_paused</c>, <c>too_many_open_requests</c>, <c>rate_limit_exceeded</c>, <c>account_too_busy</c>, <c>ledger_unavailable</c>.</returns>
    public async Task<Result<HoldOutcome>> HoldAsync(LedgerPartition partition, HoldRequest request)
    {
        try
        {
            await open.TouchAsync(partition);
            if (WriterOf(partition).OldestWait > QueueWaitMax) return ApiError.AccountTooBusy;
            return await EnqueueAsync(partition, new HoldOperation(request, NextRequestId) { Token = NextToken(), Patience = HoldPatience });
        }
        catch (Exception cause) when (cause is LedgerUnavailableException or StoreUnavailableException or WriteFateUnknownException)
        {
            return ApiError.LedgerUnavailable with { Cause = cause.Message };
        }
    }

    /// <summary>Closes the hold with a charge of at most its quote. Calling again changes nothing.</summary>
    /// <param name="mayBeLate">Whether a hold that has expired may be charged all the same, if the money is still there: somebody will get the images.</param>
    /// <returns>The entry, or <c>hold_expired</c>: the hold was closed before, and nothing was charged.</returns>
    /// <param name="refusals">As for <see cref="VoidAsync"/>: of several images some may be refused.</param>
    public async Task<Result<LedgerEntry>> SettleAsync(LedgerPartition partition, OpenHold hold, Money charge, ClosedRequest closed, bool mayBeLate = false, Refusals? refusals = null)
    {
        var entry = await CloseAsync(partition, hold, EntryType.Settle, charge, closed, refusals);
        if (entry.Type == EntryType.Expire && mayBeLate)
        {
            entry = await EnqueueAsync(partition, new LateOperation(hold, charge, closed) { Token = NextToken(), Patience = ClosePatience }) ?? entry;
        }

        return entry.IsCharge ? entry : ApiError.HoldExpired;
    }

    /// <summary>Gives the hold back, because its request failed. Calling again changes nothing.</summary>
    /// <param name="refusals">What of it the content filter refused: counted in the same transaction; null for nothing.</param>
    public Task<LedgerEntry> VoidAsync(LedgerPartition partition, OpenHold hold, ClosedRequest closed, Refusals? refusals = null) =>
        CloseAsync(partition, hold, EntryType.Void, Money.Zero, closed, refusals);

    /// <summary>Gives the hold back, because nobody closed it in time. Calling again changes nothing.</summary>
    public Task<LedgerEntry> ExpireAsync(LedgerPartition partition, OpenHold hold) =>
        CloseAsync(partition, hold, EntryType.Expire, Money.Zero, hold.Hold.Close(Money.Zero));

    /// <summary>Adds money once for each <paramref name="grantId"/>; again, it returns the first entry.</summary>
    /// <exception cref="WriteFateUnknownException">The partition could not be listed, and nothing was granted; grant again.</exception>
    /// <exception cref="LedgerUnavailableException">It is not known whether it was granted; grant again.</exception>
    public Task<LedgerEntry> GrantAsync(LedgerPartition partition, string grantId, Money amount) => PostAsync(partition, EntryType.Grant, grantId, amount);

    /// <summary>The same for money of which what is left at a time expires.</summary>
    /// <returns>Or <c>too_many_expiring_grants</c>, and nothing was granted.</returns>
    /// <inheritdoc cref="GrantAsync" path="/exception"/>
    public Task<Result<LedgerEntry>> GrantExpiringAsync(LedgerPartition partition, string grantId, Money amount, DateTimeOffset expiresAt) => TryPostAsync(partition, EntryType.Grant, grantId, amount, "", expiresAt);

    /// <summary>
    /// Takes a payment back, or a part of it, once for each <paramref name="refundId"/>; again, it returns the first entry. What was spent or is held of it is
    /// <see cref="Balance.Debt"/>. It does not look for the payment: announced before its grant, it is a debt that the grant pays.
    /// </summary>
    /// <exception cref="WriteFateUnknownException">The partition could not be listed, and nothing was taken; refund again.</exception>
    /// <exception cref="LedgerUnavailableException">It is not known whether it was taken; refund again.</exception>
    public Task<LedgerEntry> RefundAsync(LedgerPartition partition, string refundId, string grantId, Money amount) => PostAsync(partition, EntryType.Refund, refundId, amount, grantId);

    /// <returns>The entry of a refund, or null.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<LedgerEntry?> FindRefundAsync(LedgerPartition partition, string refundId, CancellationToken cancel) =>
        await store.FindAsync(TableNames.Ledger, partition.Key, LedgerRows.Refund(refundId), cancel) is { } row ? LedgerEntry.From(row) : null;

    /// <summary>The same for what the payer's bank took back.</summary>
    /// <inheritdoc cref="RefundAsync" path="/exception"/>
    public Task<LedgerEntry> DisputeAsync(LedgerPartition partition, string disputeId, string grantId, Money amount) => PostAsync(partition, EntryType.Dispute, disputeId, amount, grantId);

    /// <summary>Gives back, once, what a refund that failed or a dispute that was won had taken; again, it returns the first entry.</summary>
    /// <returns>Null if no such refund or dispute is in the ledger.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    /// <inheritdoc cref="RefundAsync" path="/exception"/>
    public async Task<LedgerEntry?> ReverseAsync(LedgerPartition partition, string refundId, CancellationToken cancel)
    {
        // An entry never changes, so it may be read beforehand.
        if (await store.FindAsync(TableNames.Ledger, partition.Key, LedgerRows.Refund(refundId), cancel) is not { } row) return null;
        var refund = LedgerEntry.From(row);
        return await PostAsync(partition, EntryType.Reversal, refundId, refund.Amount, refund.GrantId);
    }

    /// <summary>Notes that an invoice was paid, once for each <paramref name="invoiceId"/>: as much of the limit can be used again. Again, it returns the first entry.</summary>
    /// <param name="amount">What the invoice says of the ledger's postpaid charges, without taxes and without rounding to cents; below zero where it gives back.</param>
    /// <exception cref="WriteFateUnknownException">The partition could not be listed, and nothing was noted; pay again.</exception>
    /// <exception cref="LedgerUnavailableException">It is not known whether it was noted; pay again.</exception>
    public Task<LedgerEntry> PayAsync(LedgerPartition partition, string invoiceId, Money amount) => PostAsync(partition, EntryType.Payment, invoiceId, amount);

    /// <summary>Sets what a key or an end user may spend (<see cref="LedgerRows.KeyBudget"/>, <see cref="LedgerRows.EndUserBudget"/>). Calling again changes nothing.</summary>
    /// <returns>The budget as it stands.</returns>
    public Task<Budget> SetBudgetAsync(LedgerPartition partition, string key, BudgetLimits limits) =>
        EnqueueAsync(partition, new SetBudgetOperation(key, limits) { Token = NextToken(), Patience = HoldPatience });

    /// <summary>Sets how much a trusted account may owe. Calling again changes nothing.</summary>
    public Task<Balance> SetLimitAsync(LedgerPartition partition, Money limit) => ChangeAsync(partition, balance => balance.WithLimit(limit));

    /// <summary>Stops an account from spending, or takes one reason for that away. Holds that are open run on. Calling again changes nothing.</summary>
    /// <exception cref="WriteFateUnknownException">It is done, and the partition may not be listed, so that nobody may be told; call again.</exception>
    public async Task<Balance> StopAsync(LedgerPartition partition, StopReasons reason, bool isOn)
    {
        var balance = await ChangeAsync(partition, balance => balance with { Stops = isOn ? balance.Stops | reason : balance.Stops & ~reason });
        if (isOn) await open.TouchAsync(partition);
        return balance;
    }

    /// <summary>Forgives what the content filter refused, and lets the account draw again. Calling again changes nothing.</summary>
    public Task<Balance> ClearConductAsync(LedgerPartition partition) => EnqueueAsync(partition, new ClearConductOperation { Token = NextToken(), Patience = ClosePatience });

    /// <summary>Moves the ledger's hour on to the present: from then on nothing is added to an earlier one. As with every transaction, what is due expires with it.</summary>
    public Task<Balance> BeginHourAsync(LedgerPartition partition) => BeginHourAsync(partition, default);

    /// <summary>The same, and on to <paramref name="hour"/> if the clock has not come so far: what was charged until now is then closed and can be reported.</summary>
    public Task<Balance> BeginHourAsync(LedgerPartition partition, LedgerHour hour) => EnqueueAsync(partition, new BeginHourOperation(hour) { Token = NextToken(), Patience = ClosePatience });

    /// <summary>Tells a fact that has no entry of its own, as one event.</summary>
    /// <param name="once">Names what happened, so that telling it again adds nothing; null tells it each time.</param>
    /// <returns>The number of its event.</returns>
    /// <exception cref="WriteFateUnknownException">The partition could not be listed, and nothing was told; tell again.</exception>
    /// <exception cref="LedgerUnavailableException">It is not known whether it was told; tell again.</exception>
    public async Task<long> AnnounceAsync(LedgerPartition partition, EventFact fact, string? once = null)
    {
        await open.TouchAsync(partition);
        var token = NextToken();
        return await EnqueueAsync(partition, new AnnounceOperation(fact, StoreLimits.CheckKey(LedgerRows.Told(once ?? token))) { Token = token, Patience = HoldPatience });
    }

    /// <summary>Sets which types of events the account's endpoints want since a change of them (<see cref="Balance.WithWanted"/>). Calling again changes nothing.</summary>
    public async Task<Balance> SetWantedEventsAsync(LedgerPartition partition, long version, long wanted)
    {
        await open.TouchAsync(partition);
        return await ChangeAsync(partition, balance => balance.WithWanted(version, wanted));
    }

    /// <summary>From the moment that this is done, no hold is made for a key that was read before it.</summary>
    public Task<Balance> RaiseKeyGenerationAsync(LedgerPartition partition) => ChangeAsync(partition, balance => balance with { KeyGeneration = balance.KeyGeneration + 1 });

    /// <summary>Notes that the request's caller hung up. Calling again changes nothing.</summary>
    public Task AbandonAsync(LedgerPartition partition, AbandonedRequest request, TimeSpan adoptableFor) =>
        EnqueueAsync(partition, new AbandonOperation(request, adoptableFor) { Token = NextToken(), Patience = HoldPatience });

    /// <returns>Which request answers the key, or null; it may have expired.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<IdempotencyRecord?> FindIdempotencyAsync(LedgerPartition partition, string keyHash, CancellationToken cancel)
    {
        var row = await store.FindAsync(TableNames.Ledger, partition.Key, LedgerRows.Idempotency(keyHash), cancel);
        return row is null ? null : IdempotencyRecord.From(row);
    }

    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<AbandonedRequest?> FindAbandonedAsync(LedgerPartition partition, string keyId, string fingerprint, CancellationToken cancel)
    {
        var row = await store.FindAsync(TableNames.Ledger, partition.Key, LedgerRows.Abandoned(keyId, fingerprint), cancel);
        return row is null ? null : AbandonedRequest.From(keyId, fingerprint, row);
    }

    /// <summary>Forgets that a request was abandoned: its answer was delivered after all. Not done is no harm: an equal request gets the same answer once more.</summary>
    public async Task ForgetAbandonedAsync(LedgerPartition partition, AbandonedRequest request, CancellationToken cancel)
    {
        try
        {
            await store.CommitAsync(TableNames.Ledger, partition.Key, [RowWrite.Delete(LedgerRows.Abandoned(request.KeyId, request.Fingerprint), request.ETag)], cancel);
        }
        catch (WriteFateUnknownException)
        {
            // As said above.
        }
    }

    /// <summary>Notes that the images of a request were deleted. No money moves. Calling again keeps the first time.</summary>
    /// <exception cref="WriteFateUnknownException">The note may or may not be there; note again.</exception>
    public Task NoteDeletionAsync(LedgerPartition partition, string requestId, CancellationToken cancel)
    {
        var note = RowWrite.Insert(LedgerRows.Deletion(requestId), new Columns { { "DeletedAt", clock.GetUtcNow().ToUnixTimeMilliseconds() } });
        return store.CommitAsync(TableNames.Ledger, partition.Key, [note], cancel);
    }

    /// <returns>Without what has expired, also where that has no entry yet.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<Balance> BalanceAsync(LedgerPartition partition, CancellationToken cancel)
    {
        var row = await store.FindAsync(TableNames.Ledger, partition.Key, LedgerRows.Balance, cancel);
        return row is null ? Balance.Empty : Balance.From(row.Columns).WithoutExpired(clock.GetUtcNow());
    }

    /// <summary>The entry that closed a request, or its open hold, or neither.</summary>
    public async Task<(LedgerEntry? Entry, OpenHold? Hold)> FindAsync(LedgerPartition partition, string requestId, CancellationToken cancel)
    {
        var (entry, hold) = await FindChainedAsync(partition, requestId, cancel);
        return (entry?.Entry, hold);
    }

    /// <summary>The same, with the entry's place in the chain.</summary>
    public async Task<(ChainedEntry? Entry, OpenHold? Hold)> FindChainedAsync(LedgerPartition partition, string requestId, CancellationToken cancel)
    {
        // The hold first: if it is closed between the two reads, the second one sees the entry.
        var hold = await store.FindAsync(TableNames.Ledger, partition.Key, LedgerRows.Hold(requestId), cancel);
        var row = await store.FindAsync(TableNames.Ledger, partition.Key, LedgerRows.Entry(requestId), cancel);
        var entry = row is null ? null : ChainedEntry.From(row);
        if (entry?.Entry.Type == EntryType.Expire) entry = await FindLateAsync(partition, requestId, cancel) ?? entry;
        return (entry, hold is null ? null : OpenHold.From(hold));
    }

    /// <summary>The entries before a sequence number, newest first.</summary>
    public async Task<IReadOnlyList<LedgerEntry>> EntriesBeforeAsync(LedgerPartition partition, long before, int limit, CancellationToken cancel)
    {
        var last = Math.Min(before - 1, (await BalanceAsync(partition, cancel)).Sequence);
        if (last < 1) return [];

        var first = Math.Max(1, last - limit + 1);
        var places = await store.RangeAsync(TableNames.Ledger, partition.Key, LedgerRows.Order(first), LedgerRows.Order(last + 1), limit, cancel);
        var rows = await Task.WhenAll(places.Reverse().Select(place => store.FindAsync(TableNames.Ledger, partition.Key, place.Columns.Text(LedgerRows.EntryColumn), cancel)));
        return [.. rows.OfType<Row>().Select(LedgerEntry.From)];
    }

    /// <summary>The entries after a sequence number, oldest first. Their order never changes, so a reader that keeps the last number that it saw misses none and sees none twice.</summary>
    /// <returns>Fewer than <paramref name="limit"/> at the end; or if a row is missing, which the sequence numbers show.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<IReadOnlyList<ChainedEntry>> EntriesAfterAsync(LedgerPartition partition, long after, int limit, CancellationToken cancel)
    {
        var places = await store.RangeAsync(TableNames.Ledger, partition.Key, LedgerRows.Order(after + 1), LedgerRows.Order(after + limit + 1), limit, cancel);
        var rows = await Task.WhenAll(places.Select(place => store.FindAsync(TableNames.Ledger, partition.Key, place.Columns.Text(LedgerRows.EntryColumn), cancel)));
        return [.. rows.OfType<Row>().Select(ChainedEntry.From)];
    }

    /// <summary>Where an hour begins: the number of the first entry that is not before it. A search by halves, two reads each.</summary>
    /// <returns>The number that the next entry will have, where there is none.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<long> FirstOfAsync(LedgerPartition partition, LedgerHour hour, CancellationToken cancel)
    {
        var (low, high) = (1L, (await BalanceAsync(partition, cancel)).Sequence + 1);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var place = await store.FindAsync(TableNames.Ledger, partition.Key, LedgerRows.Order(middle), cancel);
            var row = place is null ? null : await store.FindAsync(TableNames.Ledger, partition.Key, place.Columns.Text(LedgerRows.EntryColumn), cancel);
            if (row is not null && LedgerEntry.From(row).Hour < hour) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    /// <summary>The latest requests with calls that the content filter refused, newest first.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<IReadOnlyList<StrikeRow>> StrikesAsync(LedgerPartition partition, Balance balance, int limit, CancellationToken cancel)
    {
        var last = balance.Conduct.Rows;
        if (last == 0) return [];
        var rows = await store.RangeAsync(TableNames.Ledger, partition.Key, LedgerRows.Strike(Math.Max(1, last - limit + 1)), LedgerRows.Strike(last + 1), limit, cancel);
        return [.. rows.Reverse().Select(StrikeRow.From)];
    }

    /// <summary>A page of the partition's open holds, oldest first.</summary>
    public async Task<IReadOnlyList<OpenHold>> HoldsAsync(LedgerPartition partition, string afterId, int limit, CancellationToken cancel)
    {
        var from = afterId.Length == 0 ? LedgerRows.HoldsStart : LedgerRows.Hold(afterId) + "!";
        var page = await store.RangeAsync(TableNames.Ledger, partition.Key, from, LedgerRows.HoldsEnd, limit, cancel);
        return [.. page.Select(OpenHold.From)];
    }

    /// <returns>The budget as it stands, or null if none is set.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<Budget?> FindBudgetAsync(LedgerPartition partition, string key, CancellationToken cancel)
    {
        var row = await store.FindAsync(TableNames.Ledger, partition.Key, key, cancel);
        return row is null ? null : Budget.From(row).At(LedgerHour.Of(clock.GetUtcNow()));
    }

    public string NextRequestId() => entropy.NextId("req_", clock.GetUtcNow());

    /// <summary>Closes the hold in any way. Calling again changes nothing.</summary>
    /// <returns>The entry that closed it, whoever wrote it.</returns>
    internal async Task<LedgerEntry> CloseAsync(LedgerPartition partition, OpenHold hold, EntryType type, Money charge, ClosedRequest closed, Refusals? refusals = null) =>
        await EnqueueAsync(partition, new CloseOperation(hold, type, charge, closed, refusals) { Token = NextToken(), Patience = ClosePatience }) ?? throw new UnreachableException();

    /// <param name="make">Is given the operation's token.</param>
    internal Task<T> EnqueueAsync<T>(LedgerPartition partition, Func<string, LedgerOperation<T>> make) => EnqueueAsync(partition, make(NextToken()));

    private async Task<LedgerEntry> PostAsync(LedgerPartition partition, EntryType type, string id, Money amount, string grantId = "") =>
        (await TryPostAsync(partition, type, id, amount, grantId)).TryGet(out var entry, out var error) ? entry : throw new UnreachableException(error.Code);

    private async Task<Result<LedgerEntry>> TryPostAsync(LedgerPartition partition, EntryType type, string id, Money amount, string grantId, DateTimeOffset? expiresAt = null)
    {
        if (amount == Money.Zero || (amount < Money.Zero && type != EntryType.Payment)) throw new ArgumentOutOfRangeException(nameof(amount), amount, "It is above zero.");
        StoreLimits.CheckKey(LedgerRows.Posting(type, id));
        await open.TouchAsync(partition);
        return await EnqueueAsync(partition, new PostOperation(type, id, amount, grantId, expiresAt) { Token = NextToken(), Patience = ClosePatience });
    }

    private async Task<ChainedEntry?> FindLateAsync(LedgerPartition partition, string requestId, CancellationToken cancel)
    {
        var row = await store.FindAsync(TableNames.Ledger, partition.Key, LedgerRows.LateEntry(requestId), cancel);
        return row is null ? null : ChainedEntry.From(row);
    }

    private Task<Balance> ChangeAsync(LedgerPartition partition, Func<Balance, Balance> change) =>
        EnqueueAsync(partition, new ChangeOperation(change) { Token = NextToken(), Patience = ClosePatience });

    private Task<T> EnqueueAsync<T>(LedgerPartition partition, LedgerOperation<T> operation)
    {
        operation.Livemode = partition.Livemode;
        operation.Traffic = partition.Livemode ? traffic : null;
        WriterOf(partition).Enqueue(operation);
        return operation.Completion;
    }

    private PartitionWriter WriterOf(LedgerPartition partition)
    {
        if (writers.TryGetValue(partition.Key, out var writer)) return writer;
        if (writers.Count > WritersMax) DropIdleWriters();
        return writers.GetOrAdd(partition.Key, key => new PartitionWriter(store, key, clock, entropy, () => hints?.Hint(partition, TimeSpan.Zero)));
    }

    // Dropping one that is just being used is safe: two writers of a partition only conflict, as two instances do.
    private void DropIdleWriters()
    {
        foreach (var (key, writer) in writers)
        {
            if (writer.IsIdle) writers.TryRemove(key, out _);
        }
    }

    private string NextToken() => entropy.NextId("", clock.GetUtcNow());
}
