namespace ServerlessImages;

/// <summary>Whose matter an error is, and what the caller can do about it. The API maps each kind to one HTTP status and type.</summary>
public enum ApiErrorKind
{
    /// <summary>The request is wrong; sending it again changes nothing.</summary>
    InvalidRequest,

    /// <summary>There is no such thing, or it is another account's.</summary>
    NotFound,

    MethodNotAllowed,

    /// <summary>It was there and is no more.</summary>
    Gone,

    TooLarge,

    /// <summary>Well-formed, and at odds with what was sent before.</summary>
    Unprocessable,

    /// <summary>At odds with what is going on just now.</summary>
    Conflict,

    /// <summary>Not an error of the caller's: the work goes on, and its result will be at the request's own address.</summary>
    StillRunning,

    Authentication,
    Permission,

    /// <summary>The money does not suffice.</summary>
    InsufficientQuota,

    /// <summary>Too fast, or too much at once.</summary>
    Pace,

    /// <summary>Refused by the content filter.</summary>
    Content,

    /// <summary>The upstream failed.</summary>
    Upstream,

    /// <summary>The upstream cannot take the request just now.</summary>
    UpstreamUnavailable,

    /// <summary>We cannot take the request just now.</summary>
    Unavailable,

    /// <summary>Our own fault.</summary>
    Server,
}
