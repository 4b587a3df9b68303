using ServerlessImages.Operators;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Ledger;

namespace ServerlessImages.Tests.Operators;

/// <summary>An act is written down before it is done.</summary>
public sealed class AuditLogTests
{
    private static readonly OperatorAct Act = new(new("op-1", "ada@example.com"), "grant_credit", "acct_1", "$5", "welcome");
    private readonly InMemoryTableStore store = new();

    [Fact]
    public async Task While_it_is_done_it_stands_there_as_begun()
    {
        var log = new AuditLog(store, new SeededEntropy(), Sample.Clock());

        var during = await log.RunAsync(Act, _ => OutcomeAsync(log), _ => "", CancellationToken.None);

        Assert.Equal((AuditOutcome.Begun, AuditOutcome.Done), (during, await OutcomeAsync(log)));
    }

    [Fact]
    public async Task An_act_that_fails_says_so()
    {
        var log = new AuditLog(store, new SeededEntropy(), Sample.Clock());

        await Assert.ThrowsAsync<TimeoutException>(() => log.RunAsync<int>(Act, _ => throw new TimeoutException(), _ => "", CancellationToken.None));

        Assert.Equal(AuditOutcome.Failed, await OutcomeAsync(log));
    }

    [Fact]
    public async Task An_act_that_is_done_is_answered_though_its_line_cannot_be_written()
    {
        var faulty = new FaultyTableStore(store) { Table = TableNames.Audit };
        var log = new AuditLog(faulty, new SeededEntropy(), Sample.Clock());

        var result = await log.RunAsync(Act, _ => Task.FromResult(faulty.IsDown = true), _ => "", CancellationToken.None);

        faulty.IsDown = false;
        Assert.True(result);
        Assert.Equal(AuditOutcome.Begun, await OutcomeAsync(log));
    }

    [Fact]
    public async Task What_cannot_be_written_down_is_not_done()
    {
        var faulty = new FaultyTableStore(store) { Table = TableNames.Audit, IsDown = true };
        var log = new AuditLog(faulty, new SeededEntropy(), Sample.Clock());
        var isDone = false;

        await Assert.ThrowsAsync<WriteFateUnknownException>(() => log.RunAsync(Act, _ => Task.FromResult(isDone = true), _ => "", CancellationToken.None));

        Assert.False(isDone);
    }

    [Fact]
    public async Task What_was_done_to_one_account_is_found_among_what_was_done_to_others_page_by_page()
    {
        var clock = Sample.Clock();
        var log = new AuditLog(new InMemoryTableStore(), new SeededEntropy(), clock);
        for (var number = 0; number < 1_200; number++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await log.RunAsync(Act with { AccountId = number % 400 == 0 ? "acct_one" : "acct_other", What = $"{number}" }, _ => Task.FromResult(true), _ => "", CancellationToken.None);
        }

        var (found, after) = (new List<string>(), "");
        do
        {
            var page = await log.PageAsync("acct_one", after, 2, CancellationToken.None);
            found.AddRange(page.Acts.Select(each => each.Act.What));
            after = page.NextCursor ?? "";
        }
        while (after.Length > 0);

        Assert.Equal(["800", "400", "0"], found);
        Assert.Empty((await log.PageAsync("acct_nobody", "", 2, CancellationToken.None)).Acts);
    }

    private static async Task<AuditOutcome> OutcomeAsync(AuditLog log) => (await log.PageAsync(null, "", 10, CancellationToken.None)).Acts.Single().Outcome;
}
