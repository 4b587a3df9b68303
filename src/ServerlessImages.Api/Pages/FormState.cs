namespace ServerlessImages.Api.Pages;

/// <summary>A form as it is shown: what stands in its fields, and what is wrong with them.</summary>
/// <param name="Errors">By the id of the field; "" for what is wrong with the whole.</param>
public sealed record FormState(IReadOnlyDictionary<string, string> Typed, IReadOnlyDictionary<string, string> Errors)
{
    /// <summary>One that nobody has sent yet.</summary>
    public static FormState Fresh { get; } = new(new Dictionary<string, string>(), new Dictionary<string, string>());

    /// <summary>Of a page with this form: 422 where something has to be corrected.</summary>
    public int Status => Errors.Count > 0 ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK;

    /// <summary>What was typed into a field, or null.</summary>
    public string? this[string field] => Typed.GetValueOrDefault(field);

    public static FormState Of(IReadOnlyDictionary<string, string> typed, ApiError error) =>
        new(typed, new Dictionary<string, string> { [error.Param is { } param && typed.ContainsKey(param) ? param : ""] = error.Message });

    /// <summary>What stands in a form before anybody has typed.</summary>
    public static FormState With(params (string Field, string? Value)[] values) =>
        new(values.Where(each => each.Value is not null).ToDictionary(each => each.Field, each => each.Value!), new Dictionary<string, string>());

    public string? ErrorOf(string field) => Errors.GetValueOrDefault(field);
}
