using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Billing;

/// <summary>What an account owes for one hour, and the collector has: the row <c>M|{hour}</c>.</summary>
/// <param name="Identifier">Under which the collector has it; it says in which way.</param>
public sealed record DeliveredHour(LedgerHour Hour, Money Value, string Identifier, DateTimeOffset At)
{
    /// <summary>It went on an invoice by itself.</summary>
    public bool IsItem => Identifier.EndsWith(":invoice", StringComparison.Ordinal);

    /// <summary>It is in the difference of its period: whether the collector also counts a report of it is not known.</summary>
    public bool IsConcluded => Identifier.EndsWith(":difference", StringComparison.Ordinal);

    public static DeliveredHour From(Row row) => new(LedgerRows.HourOf(row.Key), new(row.Columns.Integer(nameof(MeterEvent.Value))), row.Columns.Text(nameof(UsageRecord.Identifier)), DateTimeOffset.FromUnixTimeMilliseconds(row.Columns.Integer("DeliveredAt")));
}
