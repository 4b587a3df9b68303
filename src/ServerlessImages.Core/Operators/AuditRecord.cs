using ServerlessImages.Storage;

namespace ServerlessImages.Operators;

/// <summary>Who acts: from the token of the sign-in alone.</summary>
/// <param name="Id">The object id in the directory, of a person or of an application.</param>
/// <param name="Name">For people to read; "" if the token has none.</param>
public sealed record OperatorIdentity(string Id, string Name);

/// <summary>What an operator wants to do.</summary>
/// <param name="Name">Such as <c>grant_credit</c>.</param>
/// <param name="AccountId">Whom it is done to.</param>
/// <param name="What">The act's own values, in words.</param>
/// <param name="Reason">Why; "" where none was asked for.</param>
public sealed record OperatorAct(OperatorIdentity Who, string Name, string AccountId, string What, string Reason)
{
    /// <summary>What was there before, in the words of the result; "" where nothing is replaced.</summary>
    public string Before { get; init; } = "";
}

public enum AuditOutcome
{
    /// <summary>Written down before it was done; whether it was done is not known.</summary>
    Begun,
    Done,

    /// <summary>It ended with a fault: it was not done, or is not known to be.</summary>
    Failed,
}

/// <summary>A line of the log.</summary>
/// <param name="Result">What came of it; "" until then.</param>
public sealed record AuditRecord(string Id, DateTimeOffset At, OperatorAct Act, AuditOutcome Outcome, string Result)
{
    public Columns ToColumns() => new()
    {
        { nameof(Id), Id },
        { nameof(At), At.ToUnixTimeMilliseconds() },
        { "OperatorId", Act.Who.Id },
        { "OperatorName", Act.Who.Name },
        { "Act", Act.Name },
        { nameof(Act.AccountId), Act.AccountId },
        { nameof(Act.What), Act.What },
        { nameof(Act.Reason), Act.Reason },
        { nameof(Act.Before), Act.Before },
        { nameof(Outcome), Outcome.ToString() },
        { nameof(Result), Result },
    };

    public static AuditRecord From(Columns columns) => new(
        columns.Text(nameof(Id)),
        DateTimeOffset.FromUnixTimeMilliseconds(columns.Integer(nameof(At))),
        new OperatorAct(
            new(columns.Text("OperatorId"), columns.Text("OperatorName")),
            columns.Text("Act"),
            columns.Text(nameof(OperatorAct.AccountId)),
            columns.Text(nameof(OperatorAct.What)),
            columns.Text(nameof(OperatorAct.Reason)))
        {
            Before = columns.Text(nameof(OperatorAct.Before)),
        },
        Enum.Parse<AuditOutcome>(columns.Text(nameof(Outcome))),
        columns.Text(nameof(Result)));
}
