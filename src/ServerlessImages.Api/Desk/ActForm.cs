namespace ServerlessImages.Api.Desk;

/// <summary>One act as a page asks for it: what happens, and what has to be said. The reason is asked for everywhere, and is not among the fields.</summary>
/// <param name="Title">A verb and its object.</param>
/// <param name="Lead">What happens then.</param>
/// <param name="Back">Where whoever thinks better of it goes.</param>
public sealed record ActForm(string Title, string Lead, string Back)
{
    public bool IsDangerous { get; init; }
    public IReadOnlyList<ActField> Fields { get; init; } = [];
}

/// <param name="Id">Also the name of the operator API's field, so that what is wrong with it is shown beside it.</param>
public sealed record ActField(string Id, string Label)
{
    public string? Hint { get; init; }
    public string? Value { get; init; }
    public string Type { get; init; } = "text";
    public bool IsOptional { get; init; }

    /// <summary>One of these; empty where it is typed.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];
}

/// <summary>An act that was sent.</summary>
/// <param name="KeyId">"" where it is about no key.</param>
/// <param name="Once">Made with the form: what is done under it is done once, however often it is sent.</param>
internal sealed record ActCall(HttpContext Http, string AccountId, string KeyId, string Once, string? Reason)
{
    public ServerlessImages.Operators.OperatorIdentity Who => Http.DeskOperator();

    public CancellationToken Cancel => Http.RequestAborted;
}
