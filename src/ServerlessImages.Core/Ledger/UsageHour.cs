using ServerlessImages.Storage;

namespace ServerlessImages.Ledger;

/// <summary>What was charged in one hour, by rail: while the hour lasts it is part of the balance, then it is the row <c>U|{hour}</c>.</summary>
/// <param name="Prepaid">Charged to credit that was bought before.</param>
/// <param name="Postpaid">To be invoiced.</param>
public sealed record UsageHour(LedgerHour Hour, Money Prepaid, Money Postpaid)
{
    public bool IsEmpty => Prepaid == Money.Zero && Postpaid == Money.Zero;

    public UsageHour Add(Rail rail, Money charge) => rail == Rail.Prepaid ? this with { Prepaid = Prepaid + charge } : this with { Postpaid = Postpaid + charge };

    public Columns ToColumns() => new() { { nameof(Prepaid), Prepaid.Micros }, { nameof(Postpaid), Postpaid.Micros } };

    public static UsageHour From(Row row) => new(LedgerRows.HourOf(row.Key), new(row.Columns.Integer(nameof(Prepaid))), new(row.Columns.Integer(nameof(Postpaid))));
}
