using ServerlessImages.Accounts;
using ServerlessImages.Images;
using ServerlessImages.Ledger;
using ServerlessImages.Operators;

namespace ServerlessImages.Abuse;

/// <summary>What an operator does who has looked at an account: in the <see cref="AuditLog"/> before it is done.</summary>
public sealed class ConductDesk(AuditLog audit, AccountLedger ledger, TimeProvider clock)
{
    /// <summary>Forgives what was refused, and lets the account draw again. Calling again changes nothing.</summary>
    /// <exception cref="LedgerUnavailableException">It is not known whether it was done: do it again.</exception>
    public Task<Balance> ClearAsync(OperatorIdentity who, Account account, string reason, CancellationToken cancel) =>
        audit.RunAsync(new(who, "clear_strikes", account.Id, "all strikes", reason), _ => ledger.ClearConductAsync(new LedgerPartition(account.Id, Livemode: true)), after => after.RungAt(clock.GetUtcNow()).ToWire(), cancel);
}
