using ServerlessImages.Keys;
using ServerlessImages.Operators;

namespace ServerlessImages.Api.Http;

/// <summary>What is known of the call that a request is: a typed feature of its context.</summary>
internal sealed class ApiCall(string requestId, long startedAt)
{
    private Caller? caller;
    private OperatorIdentity? operatorIdentity;

    /// <summary>Also the id of the operation, once money is held for it.</summary>
    public string RequestId { get; set; } = requestId;

    /// <summary>On the clock's timestamp scale.</summary>
    public long StartedAt { get; } = startedAt;

    /// <summary>Set by authentication on every endpoint that is not open to all.</summary>
    public Caller Caller
    {
        get => caller ?? throw new InvalidOperationException("This endpoint has no caller: it is open to all.");
        set => caller = value;
    }

    /// <summary>Set on every endpoint of the operator API.</summary>
    public OperatorIdentity Operator
    {
        get => operatorIdentity ?? throw new InvalidOperationException("This endpoint has no operator.");
        set => operatorIdentity = value;
    }

    /// <summary>The model that is asked for, once it is known to be one: its id, or null.</summary>
    public string? Model { get; set; }

    /// <summary>The code of the error that was answered, or null.</summary>
    public string? ErrorCode { get; set; }

    /// <summary>For logs: the account and the key id, or "".</summary>
    public (string Account, string KeyId) Who => caller is null ? ("", "") : (caller.Account.Id, caller.Key.Id);
}

internal static class ApiCallExtensions
{
    public static ApiCall Call(this HttpContext http) => http.Features.Get<ApiCall>() ?? throw new InvalidOperationException("The request did not pass CallMiddleware.");

    public static Caller Caller(this HttpContext http) => http.Call().Caller;

    public static OperatorIdentity Operator(this HttpContext http) => http.Call().Operator;
}
