using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Abuse;

/// <summary>A request whose calls the content filter refused: the row <c>V|{number}</c>, written with the entry that closed it. Immutable; says nothing of the prompt.</summary>
/// <param name="KeyId">Whose key it was, and whose end user, so that an account finds the one that it has to speak to.</param>
/// <param name="Rung">What was reached with it; good where it was no step.</param>
public sealed record StrikeRow(long Number, DateTimeOffset At, string RequestId, string KeyId, string EndUser, Strike Strike, Rung Rung)
{
    public Columns ToColumns() => new()
    {
        { nameof(At), At.ToUnixTimeMilliseconds() },
        { nameof(RequestId), RequestId },
        { nameof(KeyId), KeyId },
        { nameof(EndUser), EndUser },
        { nameof(Strike.Calls), Strike.Calls },
        { nameof(ModerationDetails.Stage), Strike.Details.Stage },
        { nameof(ModerationDetails.Categories), string.Join(' ', Strike.Details.Categories) },
        { nameof(Rung), Rung.ToString() },
    };

    public static StrikeRow From(Row row) => new(
        LedgerRows.NumberOf(row.Key),
        DateTimeOffset.FromUnixTimeMilliseconds(row.Columns.Integer(nameof(At))),
        row.Columns.Text(nameof(RequestId)),
        row.Columns.Text(nameof(KeyId)),
        row.Columns.Text(nameof(EndUser)),
        new(checked((int)row.Columns.Integer(nameof(Strike.Calls))), new(row.Columns.Text(nameof(ModerationDetails.Stage)), row.Columns.Text(nameof(ModerationDetails.Categories)).Split(' ', StringSplitOptions.RemoveEmptyEntries))),
        Enum.Parse<Rung>(row.Columns.Text(nameof(Rung))));
}
