using ServerlessImages.Accounts;
using ServerlessImages.Ledger;

namespace ServerlessImages.Billing;

/// <summary>
/// Buys credit for accounts that agreed to it and have little left. The intent is written before the card is charged, and ended when the collector says how it went:
/// whatever crashes between, the next run asks what became of it and never charges twice.
/// </summary>
public sealed class TopUpAutomatically(AutoTopUps topUps, Customers customers, GrantPayment grant, AccountLedger ledger, AccountDirectory accounts, IPaymentCollector collector, TimeProvider clock)
{
    /// <summary>Whoever began it is still at it.</summary>
    private static readonly TimeSpan LeftAlone = TimeSpan.FromMinutes(1);

    /// <summary>No longer is a charge sent, for the first time or again: a process that stood still meanwhile does not, since others may have decided otherwise.</summary>
    private static readonly TimeSpan SentFor = TimeSpan.FromMinutes(30);

    /// <summary>
    /// The collector repeats a failure under the same key for a day. A charge that it does not know after this time was never made, and never will be: nobody has
    /// sent it since <see cref="SentFor"/>, although two clocks differ by up to twice the skew.
    /// </summary>
    private static readonly TimeSpan NeverMadeAfter = TimeSpan.FromHours(1);

    /// <summary>Clocks differ.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(10);

    private readonly ExpiringCache<bool> off = new(clock, entriesMax: 10_000);

    /// <summary>Sets what the account agrees to. A card that was declined is tried again.</summary>
    public async Task<AutoTopUp> SetAsync(string accountId, AutoTopUpTerms terms, CancellationToken cancel)
    {
        var set = await topUps.ChangeAsync(accountId, topUp => (topUp?.Recover() ?? new AutoTopUp(terms)) with { Terms = terms }, cancel);
        off.Remove(accountId);
        return set!;
    }

    /// <summary>Tops the account up if it wants that and needs it, or goes on with what was begun.</summary>
    /// <exception cref="CollectorUnavailableException">What was begun stands, and the next run goes on with it.</exception>
    public async Task RunAsync(string accountId, CancellationToken cancel)
    {
        // Asked after every request: most accounts have none.
        if (off.TryGet(accountId, out _)) return;
        if (await topUps.FindAsync(accountId, cancel) is not var (topUp, etag) || topUp is { Terms.Enabled: false, State: not AutoTopUpState.Charging }) off.Set(accountId, true, TimeSpan.FromSeconds(30));
        else if (topUp.State == AutoTopUpState.Charging) await ResumeAsync(accountId, topUp, cancel);
        else await BeginAsync(accountId, topUp, etag, cancel);
    }

    /// <summary>An automatic payment has ended, or so it was announced.</summary>
    public async Task ConcludeAsync(AutomaticPayment payment, CancellationToken cancel)
    {
        // The credit first: were the intent ended before, a crash between would leave both undone.
        if (payment.Status == AutomaticPaymentStatus.Succeeded) await grant.RunAsync(payment.Payment, cancel);
        await topUps.ChangeAsync(payment.Payment.AccountId, topUp => topUp is not { State: AutoTopUpState.Charging } || topUp.Attempt != payment.Attempt ? null : After(topUp, payment), cancel);
    }

    /// <summary>A payment by hand succeeded: there is a good card again. One from before the decline says nothing, however often it is announced.</summary>
    /// <param name="ledgerSequence">Of the entry that granted it.</param>
    public Task RecoverAsync(string accountId, long ledgerSequence, CancellationToken cancel) => topUps.ChangeAsync(accountId, topUp => ledgerSequence > topUp?.BegunAfter ? topUp.Recover() : null, cancel);

    private static AutoTopUp After(AutoTopUp topUp, AutomaticPayment payment) => payment.Status switch
    {
        AutomaticPaymentStatus.Succeeded => topUp.Succeed(),
        AutomaticPaymentStatus.Declined => topUp.Decline(payment.DeclineCode),
        _ => topUp,
    };

    private async Task BeginAsync(string accountId, AutoTopUp topUp, string etag, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var balance = await ledger.BalanceAsync(new LedgerPartition(accountId, Livemode: true), cancel);
        if (!topUp.IsDue(balance.Available, now) || await accounts.FindAsync(accountId, cancel) is null) return;

        var customer = await customers.FindAsync(accountId, cancel);
        var card = customer is null ? null : await collector.FindCardAsync(customer, cancel);
        var begun = topUp.Begin(customer ?? "", card ?? "", balance.Sequence, now);
        if (card is null) await topUps.TryWriteAsync(accountId, begun.Decline(AutomaticPayment.NoCard), etag, cancel);
        else if (await topUps.TryWriteAsync(accountId, begun, etag, cancel)) await ChargeAsync(accountId, begun, cancel);
    }

    private async Task ResumeAsync(string accountId, AutoTopUp topUp, CancellationToken cancel)
    {
        var age = AgeOf(topUp);
        if (age < LeftAlone) return;

        // The age is of before the question: an answer may be old when it comes.
        var made = await collector.FindAutomaticPaymentAsync(topUp.Customer, topUp.Attempt, topUp.BegunAt - Skew, cancel);
        if (made is not null) await ConcludeAsync(made, cancel);
        else if (age < NeverMadeAfter) await ChargeAsync(accountId, topUp, cancel);
        else await topUps.ChangeAsync(accountId, now => now is { State: AutoTopUpState.Charging } && now.Attempt == topUp.Attempt ? now.Undo() : null, cancel);
    }

    private async Task ChargeAsync(string accountId, AutoTopUp topUp, CancellationToken cancel)
    {
        // What the account has turned off meanwhile is not charged any more: it is undone like what is too old.
        if (!topUp.Terms.Enabled || AgeOf(topUp) >= SentFor) return;
        await ConcludeAsync(await collector.ChargeAsync(new(accountId, topUp.Customer, topUp.Card, Payment.ToCents(topUp.Charging)!.Value, topUp.Attempt), cancel), cancel);
    }

    private TimeSpan AgeOf(AutoTopUp topUp) => clock.GetUtcNow() - topUp.BegunAt;
}
