using ServerlessImages.Billing;
using ServerlessImages.Ledger;
using ServerlessImages.Simulation.Stores;
using ServerlessImages.Storage;

namespace ServerlessImages.Simulation.TopUps;

/// <summary>What has to be true of payments: after every transaction, at every automatic charge, and at rest.</summary>
internal sealed class PaymentInvariants(TopUpsHistory history, SimulatedStripe stripe)
{
    private const int RowsMax = 10_000;

    public void Check(Commit commit)
    {
        foreach (var change in commit.Changes)
        {
            if (commit.Table == TableNames.Ledger && change is { Before: null, After: { } grant } && change.Key.StartsWith("G|", StringComparison.Ordinal)) CheckGrant(commit.Partition, grant);
            if (commit.Table == TableNames.Billing && change is { Before: null, After: not null } && change.Key.StartsWith("Q|", StringComparison.Ordinal)) CheckQuarantined(change.Key[2..]);
        }
    }

    /// <summary>A card is charged while its owner is away.</summary>
    public void CheckCharge(SimulatedPayment charge)
    {
        var account = history.Plan.Accounts[TopUpsHistory.NumberOf(charge.Now.AccountId)];
        var earlier = stripe.Payments.Where(each => each.PageId is null && each.Now.AccountId == charge.Now.AccountId).ToArray();
        if (earlier.Any(each => each.Attempt == charge.Attempt)) Fail("an attempt is one charge", $"The attempt {charge.Attempt} of {charge.Now.AccountId} was charged before.");
        foreach (var each in earlier.Where(each => each.Status != AutomaticPaymentStatus.Declined && !IsGranted(each)))
        {
            Fail("no two charges are under way", $"The attempt {charge.Attempt} of {charge.Now.AccountId} was charged while {each.Attempt} was.");
        }

        var inMonth = earlier.Append(charge).Where(each => each.Status != AutomaticPaymentStatus.Declined && Month(each.CreatedAt) == Month(charge.CreatedAt)).Sum(each => each.Now.Amount.Micros);
        if (inMonth > account.Cap.Micros) Fail("no month is charged above its cap", $"{charge.Now.AccountId} was charged ${new Money(inMonth)} in {charge.CreatedAt:yyyy-MM}, and allowed ${account.Cap}.");
    }

    public void CheckAtRest()
    {
        foreach (var payment in stripe.Payments.Where(each => each.Now.IsPaid)) CheckPayment(payment);
        for (var number = 0; number < history.Plan.Accounts.Count; number++) CheckAccount(TopUpsHistory.AccountId(number));
        if (history.Tables.Range(TableNames.Billing, "inbox", "W|", "W}", 1) is [var waiting]) Fail("nothing waits for ever", $"{waiting.Key} does: {waiting.Columns.Text("Cause")}.");
    }

    private void CheckGrant(string partition, Row row)
    {
        var id = row.Key[2..];
        if (stripe.Find(id) is not { } payment) Fail("no grant is without a payment", $"{partition} was granted {id}, which is none.");
        else if (!payment.Now.IsPaid) Fail("no grant is without a payment", $"{partition} was granted {id}, which is not paid.");
        else if (payment.IsOdd || partition != payment.Now.AccountId || row.Columns.Integer("Amount") != payment.Now.Amount.Micros) Fail("a grant is what was ordered and paid", $"{partition} was granted {row.Columns.Integer("Amount")} for {payment.Now}.");
    }

    private void CheckQuarantined(string id)
    {
        history.Counts.Quarantined++;
        if (stripe.Find(id) is not { IsOdd: true }) Fail("what was ordered and paid is not laid aside", $"{id} was.");
    }

    private void CheckPayment(SimulatedPayment payment)
    {
        var isQuarantined = history.Tables.Find(TableNames.Billing, "inbox", "Q|" + payment.Now.Id) is not null;
        if (IsGranted(payment) == isQuarantined || isQuarantined != payment.IsOdd) Fail("each payment is granted or laid aside", $"{payment.Now} is {(isQuarantined ? "laid aside" : "not")}, and {(IsGranted(payment) ? "" : "not ")}granted.");
    }

    private void CheckAccount(string account)
    {
        var rows = history.Tables.Range(TableNames.Ledger, account, "", "~", RowsMax);
        var granted = stripe.Payments.Where(each => each.Now.AccountId == account && each.Now.IsPaid && !each.IsOdd).ToArray();
        var paid = granted.Sum(each => each.Now.Amount.Micros);
        var back = stripe.Returns.Where(each => !each.Failed && granted.Any(payment => payment.Now.Id == each.PaymentId)).Sum(each => each.Amount.Micros);
        var balance = rows.Find(row => row.Key == LedgerRows.Balance) is { } row ? Balance.From(row.Columns) : Balance.Empty;
        if ((balance.Granted.Micros, balance.Refunded.Micros) != (paid, back)) Fail("credit is what was paid less what went back", $"{account} paid {paid} and got {back} back; the ledger has {balance.Granted.Micros} and {balance.Refunded.Micros}.");

        if (history.Tables.Find(TableNames.Billing, "auto_top_up", account) is not { } terms) return;
        if (AutoTopUp.From(terms.Columns).State == AutoTopUpState.Charging) Fail("nothing waits for ever", $"{account} is being charged.");
    }

    private bool IsGranted(SimulatedPayment payment) => history.Tables.Find(TableNames.Ledger, payment.Now.AccountId, LedgerRows.Grant(payment.Now.Id)) is not null;

    private static (int, int) Month(DateTimeOffset time) => (time.UtcDateTime.Year, time.UtcDateTime.Month);

    private void Fail(string invariant, string message) => history.Verdict.Fail(invariant, message);
}
