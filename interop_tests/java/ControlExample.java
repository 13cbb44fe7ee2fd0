import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Tests of an application with Kafka's own clients, against `kafka-compat serve --control 0 --clock manual`: faults, waits and the
 * clock. In a project each of the test methods is a JUnit 5 @Test, and {@link #beforeEach} its @BeforeEach; here `main` calls them.
 */
public final class ControlExample {
    private final Control kafka;

    private ControlExample(Control kafka) {
        this.kafka = kafka;
    }

    public static void main(String[] args) throws Exception {
        ControlExample tests = new ControlExample(new Control(args[0]));
        tests.beforeEach();
        tests.aLostAcknowledgementDoublesNothing();
        tests.beforeEach();
        tests.aConsumerThatReadsFromTheEndMissesNothingOnceItHasItsAssignment();
        tests.beforeEach();
        tests.aMemberThatSleepsForADayIsDismissed();
        System.out.println("3 passed");
    }

    void beforeEach() throws Exception {
        kafka.post("/v1/reset", Map.of());
        kafka.post("/v1/topics", Map.of("name", "orders", "partitions", 1));
    }

    void aLostAcknowledgementDoublesNothing() throws Exception {
        int fault = kafka.post("/v1/faults", Map.of(
                "api", "Produce",
                "topic", "orders",
                "what", Map.of("action", "disconnect", "after_work", true))).get("id").asInt();
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(properties(Map.of("enable.idempotence", "true")))) {
            producer.send(new ProducerRecord<>("orders", "once")).get();
        }
        expect(1, kafka.post("/v1/waits/fault", Map.of("fault", fault)).size());
        JsonNode records = kafka.get("/v1/topics/orders/records");
        expect(1, records.size());
        expect("once", records.get(0).get("value").asText());
        expect(2, kafka.get("/v1/requests?api=Produce").get("count").asInt());
    }

    void aConsumerThatReadsFromTheEndMissesNothingOnceItHasItsAssignment() throws Exception {
        try (Member member = new Member()) {
            kafka.post("/v1/waits/assignment", Map.of("group", "app", "members", 1));
            kafka.post("/v1/topics/orders/records", Map.of("key", "k", "value", "hello"));
            kafka.post("/v1/waits/consumed", Map.of("group", "app", "topic", "orders"));
            expect("hello", member.last.get());
        }
    }

    void aMemberThatSleepsForADayIsDismissed() throws Exception {
        try (Member member = new Member()) {
            JsonNode group = kafka.post("/v1/waits/assignment", Map.of("group", "app"));
            kafka.post("/v1/clock/advance", Map.of("by_ms", 86_400_000, "keep_sessions", true));
            expect(memberOf(group), memberOf(kafka.get("/v1/groups/app")));
            kafka.post("/v1/clock/advance", Map.of("by_ms", 86_400_000));
            kafka.post("/v1/waits/request", Map.of("api", "Heartbeat", "group", "app", "error", "UNKNOWN_MEMBER_ID"));
            JsonNode again = kafka.post("/v1/waits/assignment", Map.of("group", "app", "timeout_s", 30));
            expect(false, memberOf(group).equals(memberOf(again)));
        }
    }

    private Properties properties(Map<String, String> extra) throws Exception {
        Properties properties = new Properties();
        kafka.get("/v1/client-configs/java").properties().forEach(each -> properties.put(each.getKey(), each.getValue().asText()));
        properties.put("key.serializer", StringSerializer.class.getName());
        properties.put("value.serializer", StringSerializer.class.getName());
        properties.put("key.deserializer", StringDeserializer.class.getName());
        properties.put("value.deserializer", StringDeserializer.class.getName());
        properties.putAll(extra);
        return properties;
    }

    private static String memberOf(JsonNode group) {
        return group.get("members").get(0).get("id").asText();
    }

    private static void expect(Object expected, Object found) {
        if (!expected.equals(found)) {
            throw new AssertionError("expected " + expected + ", found " + found);
        }
    }

    /** The application: a consumer that polls in a thread of its own, and commits. */
    private final class Member implements AutoCloseable {
        final AtomicReference<String> last = new AtomicReference<>();
        private final AtomicBoolean isClosing = new AtomicBoolean();
        private final Thread polling;

        Member() throws Exception {
            Properties properties = properties(Map.of(
                    "group.id", "app", "auto.offset.reset", "latest", "enable.auto.commit", "false", "heartbeat.interval.ms", "100"));
            polling = new Thread(() -> poll(properties));
            polling.start();
        }

        private void poll(Properties properties) {
            try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(properties)) {
                consumer.subscribe(List.of("orders"));
                while (!isClosing.get()) {
                    ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(50));
                    for (ConsumerRecord<String, String> record : records) {
                        last.set(record.value());
                    }
                    if (!records.isEmpty()) {
                        consumer.commitSync();
                    }
                }
            }
        }

        @Override
        public void close() throws InterruptedException {
            isClosing.set(true);
            polling.join();
        }
    }

    /** The control plane, with nothing but the JDK and a JSON library. */
    private static final class Control {
        private static final ObjectMapper JSON = new ObjectMapper();
        private final HttpClient http = HttpClient.newHttpClient();
        private final String url;

        Control(String url) {
            this.url = url;
        }

        JsonNode get(String path) throws IOException, InterruptedException {
            return send(HttpRequest.newBuilder(URI.create(url + path)).GET());
        }

        JsonNode post(String path, Map<String, ?> body) throws IOException, InterruptedException {
            HttpRequest.BodyPublisher json = HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body));
            return send(HttpRequest.newBuilder(URI.create(url + path)).header("Content-Type", "application/json").POST(json));
        }

        private JsonNode send(HttpRequest.Builder request) throws IOException, InterruptedException {
            HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            JsonNode found = JSON.readTree(answer.body());
            if (answer.statusCode() != 200) {
                throw new AssertionError(found.get("error").asText()); // a sentence: what was there instead
            }
            return found;
        }
    }
}
