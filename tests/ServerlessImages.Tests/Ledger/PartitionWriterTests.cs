using ServerlessImages.Images;
using ServerlessImages.Jobs;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Ledger;

/// <summary>What waits together must not fail, wait or be refused for each other.</summary>
public sealed class PartitionWriterTests
{
    private readonly JumpingClock clock = new();
    private readonly InMemoryTableStore memory = new();
    private readonly HookedTableStore store;
    private readonly AccountLedger ledger;

    public PartitionWriterTests()
    {
        store = new HookedTableStore(memory);
        ledger = Instance(store);
    }

    [Fact]
    public async Task Nobody_is_refused_for_a_neighbour_that_was_never_written()
    {
        await ledger.GrantAsync(Sample.Partition, "g", new(100));
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var holds = 0;
        store.OnCommit = async (writes, commit) =>
        {
            if (!HookedTableStore.IsHold(writes)) return await commit();
            if (++holds == 1) await first.Task;

            // Another instance is faster: our two holds are refused as a whole, and there is money for both now.
            if (holds == 2) await Instance(memory).GrantAsync(Sample.Partition, "g2", new(1_000));
            return await commit();
        };
        var warm = HoldAsync("req_w", 1);
        var one = HoldAsync("req_a", 60);
        var two = HoldAsync("req_b", 60);
        first.SetResult();

        Assert.All(await Task.WhenAll(warm, one, two), result => Assert.NotNull(result.Value().Hold));
    }

    [Fact]
    public async Task A_hold_whose_answer_took_all_its_patience_is_read_back_before_it_fails()
    {
        await ledger.GrantAsync(Sample.Partition, "g", new(100));
        var isFirst = true;
        store.OnCommit = async (writes, commit) =>
        {
            var result = await commit();
            if (!isFirst) return result;
            isFirst = false;
            await Task.Delay(TimeSpan.FromSeconds(20), clock);
            throw new WriteFateUnknownException("no answer");
        };

        Assert.Equal("req_1", (await HoldAsync("req_1", 60)).Value().Hold!.Hold.Id);
    }

    [Fact]
    public async Task Waiting_ends_with_patience_however_long_the_queue_is()
    {
        await ledger.GrantAsync(Sample.Partition, "g", new(100_000));
        store.OnCommit = async (_, _) =>
        {
            await Task.Yield();
            await Task.Delay(TimeSpan.FromSeconds(5), clock);
            throw new WriteFateUnknownException("no answer");
        };
        var startedAt = clock.GetTimestamp();

        var results = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(number => HoldAsync($"req_{number}", 1)));

        Assert.All(results, result => Assert.True(result.Error().Code is "ledger_unavailable" or "account_too_busy"));
        // Without it this would never end. How long it takes depends on how the callers arrive.
        Assert.InRange(clock.GetElapsedTime(startedAt), TimeSpan.Zero, TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task An_operation_that_cannot_be_written_fails_alone()
    {
        await ledger.GrantAsync(Sample.Partition, "g", new(100));
        var hold = (await HoldAsync("req_1", 60)).Value().Hold!;
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        store.OnCommit = async (writes, commit) =>
        {
            await gate.Task;
            return writes.Any(write => write.Key == "G|poison") ? throw new InvalidOperationException("poison") : await commit();
        };
        var warm = HoldAsync("req_w", 1);
        var settled = ledger.SettleAsync(Sample.Partition, hold, new(10), hold.Hold.Close(new(10)));
        var poison = ledger.GrantAsync(Sample.Partition, "poison", new(1));
        gate.SetResult();

        Assert.Equal("req_w", (await warm).Value().Hold!.Hold.Id);
        Assert.Equal(new Money(10), (await settled).Value().Amount);
        await Assert.ThrowsAsync<InvalidOperationException>(() => poison);
    }

    [Fact]
    public async Task A_damaged_row_is_not_hammered()
    {
        await ledger.GrantAsync(Sample.Partition, "g", new(100));
        await memory.CommitAsync(TableNames.Ledger, Sample.Partition.Key, [RowWrite.Insert(LedgerRows.Order(2), new Columns { { LedgerRows.EntryColumn, "x" } })], TestContext.Current.CancellationToken);
        var hold = (await HoldAsync("req_1", 60)).Value().Hold!;
        var before = store.Commits;

        await Assert.ThrowsAsync<LedgerUnavailableException>(() => ledger.SettleAsync(Sample.Partition, hold, new(10), hold.Hold.Close(new(10))));

        // 60 seconds of patience in waits that grow to 400 ms.
        Assert.InRange(store.Commits - before, 2, 1_000);
    }

    [Fact]
    public async Task A_grant_whose_id_no_store_takes_is_refused_at_once() =>
        await Assert.ThrowsAsync<ArgumentException>(() => ledger.GrantAsync(Sample.Partition, "in/valid", new(1)));

    [Fact]
    public async Task A_partition_that_cannot_be_swept_does_not_keep_the_others_money()
    {
        var open = new OpenPartitions(memory, clock);
        for (var number = 0; number < 20; number++)
        {
            var partition = new LedgerPartition($"acct_{number}", true);
            await ledger.GrantAsync(partition, "g", new(100));
            await ledger.HoldAsync(partition, Sample.Hold("req_1", 60, lifetime: TimeSpan.FromSeconds(1)));
        }

        await Task.Delay(TimeSpan.FromMinutes(1), clock, TestContext.Current.CancellationToken);
        await memory.CommitAsync(TableNames.Ledger, "acct_0", [RowWrite.Insert("H|req_0", new Columns { { "Quote", 1L } })], TestContext.Current.CancellationToken);
        var failed = new List<string>();
        var sweeper = new ExpireHolds(ledger, open, new CloseExpiredHold(ledger, new JobLedger(ledger, memory), new ImageResults(new InMemoryBlobStore(), clock)), Sample.SweepJobs(ledger, memory, clock), clock);

        Assert.Equal(19, await sweeper.RunAsync((partition, _) => failed.Add(partition.Key), TestContext.Current.CancellationToken));
        Assert.Equal(["acct_0"], failed);
    }

    private AccountLedger Instance(ITableStore over) => new(new StoreLimits(over), new OpenPartitions(over, clock), clock, new SystemEntropy());

    private Task<Result<HoldOutcome>> HoldAsync(string id, long quote) => ledger.HoldAsync(Sample.Partition, Sample.Hold(id, quote, Sample.Plan(burst: 10_000, open: 10_000)));
}
