using Microsoft.Extensions.Time.Testing;
using ServerlessImages.Accounts;
using ServerlessImages.Ledger;
using ServerlessImages.Notices;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Ledger;
using ServerlessImages.Tests.Members;
using ServerlessImages.Webhooks;

namespace ServerlessImages.Tests.Notices;

/// <summary>Accounts with people, a mail server that does what it is told, and sweeps ten minutes apart.</summary>
internal sealed class MailFixture
{
    public static readonly Uri Portal = new("https://images.example.com/portal");

    public MailFixture()
    {
        Store = new HookedTableStore(new InMemoryTableStore()) { Table = TableNames.Accounts };
        People = new MembersFixture(Store);
    }

    public HookedTableStore Store { get; }
    public MembersFixture People { get; }
    public ScriptedMailer Mailer { get; } = new();
    public FakeTimeProvider Clock => People.Clock;
    public List<NoticeKind> Undelivered { get; } = [];
    public List<Exception> Failures { get; } = [];

    public AccountLedger Ledger => new(People.Store, Open, Clock, new SeededEntropy());

    private OpenPartitions Open => new(People.Store, Clock);

    /// <summary>Another process over the same store.</summary>
    public MailNotices Instance()
    {
        var read = new ReadNotices(Ledger, new WebhookDirectory(People.Store, new PendingDeliveries(People.Store), Open, Ledger));
        return new MailNotices(Open, read, People.Accounts, People.Members, People.Store, Mailer, Portal, Clock);
    }

    public Task RunAsync(CancellationToken? cancel = null) => Instance().RunAsync((_, kind) => Undelivered.Add(kind), (_, cause) => Failures.Add(cause), cancel ?? MembersFixture.Cancel);

    /// <summary>The next sweeps.</summary>
    /// <returns>How many mails were taken.</returns>
    public async Task<int> SweepAsync(int times = 1)
    {
        var before = Mailer.Taken.Count;
        for (var each = 0; each < times; each++)
        {
            Clock.Advance(TimeSpan.FromMinutes(10));
            await RunAsync();
        }

        return Mailer.Taken.Count - before;
    }

    /// <summary>An operator stops an account, or lets it go on.</summary>
    public Task<Balance> FreezeAsync(Account account, bool isOn = true, StopReasons reason = StopReasons.Frozen) => Ledger.StopAsync(new LedgerPartition(account.Id, Livemode: true), reason, isOn);

    /// <summary>The account of Ann, which is stopped.</summary>
    public async Task<Account> FrozenAccountAsync()
    {
        var account = await People.AccountAsync();
        await FreezeAsync(account);
        return account;
    }

    public async Task<Columns?> NotedAsync(Account account) => (await People.Store.FindAsync(TableNames.Accounts, account.Id, "N", MembersFixture.Cancel))?.Columns;

    /// <summary>A process that ends when it has noted, or would, for the nth time.</summary>
    public void EndAtNote(int nth, bool after)
    {
        var notes = 0;
        Store.OnCommit = async (writes, commit) =>
        {
            if (writes is not [{ Key: "N" }] || ++notes != nth) return await commit();
            if (after) await commit();
            throw new OperationCanceledException("The process ended.");
        };
    }
}

/// <summary>A mail server that takes everything until it is told otherwise.</summary>
internal sealed class ScriptedMailer : INoticeMailer
{
    /// <summary>What it took.</summary>
    public List<NoticeMail> Taken { get; } = [];

    public int Asked { get; private set; }

    public Func<NoticeMail, CancellationToken, Task<MailOutcome>> Answer { get; set; } = (_, _) => Task.FromResult(MailOutcome.Sent);

    public void Always(MailOutcome outcome) => Answer = (_, _) => Task.FromResult(outcome);

    public async Task<MailOutcome> SendAsync(NoticeMail mail, CancellationToken cancel)
    {
        Asked++;
        var outcome = await Answer(mail, cancel);
        if (outcome == MailOutcome.Sent) Taken.Add(mail);
        return outcome;
    }
}
