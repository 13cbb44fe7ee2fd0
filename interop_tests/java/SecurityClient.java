import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import javax.security.auth.callback.Callback;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.auth.SaslExtensionsCallback;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerToken;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerTokenCallback;
import org.apache.kafka.common.security.token.delegation.DelegationToken;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Comes in with the properties it is given, driven line by line as InteropClient; one JVM tries all the ways there are. */
public final class SecurityClient {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int TIMEOUT_MS = 20_000;

    private SecurityClient() {}

    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            ObjectNode answer = JSON.createObjectNode();
            try {
                JsonNode request = JSON.readTree(line);
                switch (request.get("op").asText()) {
                    case "attempt" -> attempt(request, answer);
                    case "stream" -> stream(request, answer);
                    case "token" -> token(request, answer);
                    default -> throw new IllegalArgumentException("unknown op: " + request);
                }
            } catch (Exception e) {
                answer = JSON.createObjectNode();
                answer.put("error", words(e instanceof ExecutionException ? e.getCause() : e));
            }
            out.println(JSON.writeValueAsString(answer));
        }
    }

    private static String words(Throwable error) {
        StringBuilder words = new StringBuilder(error.toString());
        for (Throwable cause = error.getCause(); cause != null; cause = cause.getCause()) {
            words.append(": ").append(cause);
        }
        return words.toString();
    }

    private static Properties properties(JsonNode request) {
        Properties properties = new Properties();
        request.get("config").properties().forEach(entry -> properties.put(entry.getKey(), entry.getValue().asText()));
        properties.put("enable.metrics.push", "false");
        properties.put("request.timeout.ms", Integer.toString(TIMEOUT_MS / 2));
        properties.put("default.api.timeout.ms", Integer.toString(TIMEOUT_MS));
        return properties;
    }

    private static KafkaProducer<String, String> producer(JsonNode request) {
        Properties properties = properties(request);
        properties.put("max.block.ms", Integer.toString(TIMEOUT_MS));
        properties.put("delivery.timeout.ms", Integer.toString(TIMEOUT_MS));
        properties.put("linger.ms", "0");
        return new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer());
    }

    private static KafkaConsumer<String, String> consumer(JsonNode request, TopicPartition from, long offset) {
        Properties properties = properties(request);
        properties.put("auto.offset.reset", "none");
        properties.put("fetch.max.wait.ms", "100");
        KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
        consumer.assign(List.of(from));
        consumer.seek(from, offset);
        return consumer;
    }

    /** Produces a record and reads it back. */
    private static void attempt(JsonNode request, ObjectNode answer) throws Exception {
        TopicPartition at = new TopicPartition(request.get("topic").asText(), 0);
        long offset;
        try (KafkaProducer<String, String> producer = producer(request)) {
            offset = producer.send(new ProducerRecord<>(at.topic(), 0, null, request.get("value").asText())).get().offset();
        }
        long deadline = System.nanoTime() + TIMEOUT_MS * 1_000_000L;
        try (KafkaConsumer<String, String> consumer = consumer(request, at, offset)) {
            while (System.nanoTime() < deadline) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
                    answer.put("value", record.value());
                    return;
                }
            }
        }
        throw new IllegalStateException("no record came");
    }

    /** Produces numbers for a while, and reads them. */
    private static void stream(JsonNode request, ObjectNode answer) throws Exception {
        TopicPartition at = new TopicPartition(request.get("topic").asText(), 0);
        long end = System.nanoTime() + request.get("duration_ms").asLong() * 1_000_000L;
        CompletableFuture<Integer> sending = CompletableFuture.supplyAsync(() -> {
            int sent = 0;
            try (KafkaProducer<String, String> producer = producer(request)) {
                while (System.nanoTime() < end) {
                    producer.send(new ProducerRecord<>(at.topic(), 0, null, Integer.toString(sent))).get();
                    sent++;
                    Thread.sleep(5);
                }
            } catch (Exception e) {
                throw new IllegalStateException(words(e), e);
            }
            return sent;
        });
        ArrayNode read = answer.putArray("read");
        try (KafkaConsumer<String, String> consumer = consumer(request, at, 0)) {
            long deadline = end + TIMEOUT_MS * 1_000_000L;
            while (System.nanoTime() < deadline && !(sending.isDone() && read.size() >= sending.get())) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(50))) {
                    read.add(Integer.parseInt(record.value()));
                }
            }
        }
        answer.put("sent", sending.get());
    }

    /** Has a delegation token made for whoever comes in; expires it at once if `expired`. */
    private static void token(JsonNode request, ObjectNode answer) throws Exception {
        try (Admin admin = Admin.create(properties(request))) {
            DelegationToken token = admin.createDelegationToken().delegationToken().get();
            answer.put("id", token.tokenInfo().tokenId()).put("hmac", token.hmacAsBase64String());
            answer.put("owner", token.tokenInfo().owner().toString());
        }
    }

    /** Hands the token out that the login module is given as an option. */
    public static final class GivenToken implements AuthenticateCallbackHandler {
        private String token;

        @Override
        public void configure(Map<String, ?> configs, String mechanism, List<AppConfigurationEntry> entries) {
            token = (String) entries.get(0).getOptions().get("token");
        }

        @Override
        public void close() {}

        @Override
        public void handle(Callback[] callbacks) {
            for (Callback callback : callbacks) {
                if (callback instanceof OAuthBearerTokenCallback asked) {
                    asked.token(new Given(token));
                } else if (!(callback instanceof SaslExtensionsCallback)) {
                    throw new IllegalArgumentException("unexpected callback: " + callback);
                }
            }
        }
    }

    private record Given(String value) implements OAuthBearerToken {
        private static final long HOUR_MS = 3_600_000;

        @Override
        public Set<String> scope() {
            return Set.of();
        }

        @Override
        public long lifetimeMs() {
            return System.currentTimeMillis() + HOUR_MS;
        }

        @Override
        public String principalName() {
            return "alice";
        }

        @Override
        public Long startTimeMs() {
            return System.currentTimeMillis();
        }
    }
}
